"""The crowd's time: moved by many, never by a few; every row goes out once, where it was."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos.replay import ticks
from kairos.replay.crowd import LOOK, STRANGERS, Crowd
from kairos.replay.row import Row, Rows, Span
from kairos.terminal.times import stamp
from models.kernel.settings import DAY, HOUR, MINUTE, SECOND
from tests.acting import AT_ONCE
from tests.conftest import Run

START = 1_740_787_200_000  # 2025-03-01T00:00Z
SKEW = 5 * MINUTE
NOW = START + 400 * DAY
FAR = st.integers(START + 60 * DAY, START + 40_000 * DAY)
"""Months ahead of the honest rows below, and ahead of the clock."""


def row(e: int | None, shopper: int | str, number: int = 0) -> Row:
    return e, 0, f"{shopper}".encode(), f"{number}".encode()


def cut(rows: Rows, size: int = 7) -> list[Rows]:
    return [rows[i : i + size] for i in range(0, len(rows), size)]


def crowd(batches: Iterable[Rows]) -> Crowd:
    return Crowd(batches, SKEW, lambda: NOW)


def flat(spans: Iterable[Span]) -> list[Row | int]:
    """Rows and ticks as a partition sees them."""
    seen: list[Row | int] = []
    for span in spans:
        seen += [*span.rows, *([] if span.tick is None else [span.tick])]
    return seen


@st.composite
def honest(draw: st.DrawFn, least: int = 0, longest: int = 2 * HOUR, shoppers: int = 12) -> Rows:
    """Rows in order, of shoppers who take turns."""
    gaps = draw(st.lists(st.integers(0, longest), min_size=least, max_size=60))
    return [row(e, number % shoppers, number) for number, e in enumerate(accumulate(gaps, initial=START))]


@st.composite
def disturbed(draw: st.DrawFn) -> tuple[Rows, Rows]:
    """Honest rows, and the same with rows of two strangers far ahead anywhere between, in clusters too."""
    rows = draw(honest(least=30))
    strange = st.tuples(st.integers(0, len(rows)), FAR, st.sampled_from(["x", "y"]))
    among = list(rows)
    for place, e, shopper in sorted(draw(st.lists(strange, max_size=20)), key=lambda s: s[0], reverse=True):
        among.insert(place, row(e, shopper))
    return rows, among


anything = st.lists(
    st.builds(row, st.none() | st.integers(START, START + 9 * DAY) | FAR, st.integers(0, 9), st.integers()), max_size=60
)


@given(honest(longest=9 * DAY), st.integers(1, 12), st.integers(1, 9))
def test_rows_in_order_are_as_if_nobody_had_looked(rows: Rows, shoppers: int, size: int) -> None:
    rows = [row(e, number % shoppers, number) for number, (e, *_) in enumerate(rows)]
    batches = cut(rows, size)
    assert list(ticks.between(crowd(batches))) == list(ticks.spans(batches))


@given(disturbed())
def test_strangers_far_ahead_change_nothing_for_the_others(rows: tuple[Rows, Rows]) -> None:
    alone, among = rows
    strangers = crowd(cut(among))
    seen = flat(ticks.between(strangers))
    assert [x for x in seen if isinstance(x, int) or x[2] not in {b"x", b"y"}] == flat(ticks.spans([alone]))
    assert strangers.clamped == len(among) - len(alone)


@given(disturbed())
def test_no_tick_is_above_what_the_others_have_reached(rows: tuple[Rows, Rows]) -> None:
    """But for the last, which follows everything."""
    *before, last = [x for x in flat(ticks.between(crowd(cut(rows[1])))) if isinstance(x, int)]
    newest = max(e for e, *_ in rows[0] if e is not None)
    assert all(tick <= newest for tick in before)
    assert newest < last <= newest + HOUR


@given(anything, st.integers(1, 9))
def test_every_row_goes_out_once_where_it_was_and_time_ends_after_it(rows: Rows, size: int) -> None:
    source = crowd(cut(rows, size))
    spans = list(ticks.between(source))
    out = [(x, span.at) for span in spans for x in span.rows]
    assert [x[1:] for x, _ in out] == [x[1:] for x in rows]
    for (at, *_), (said, *_), recorded in zip((x for x, _ in out), rows, (at for _, at in out), strict=True):
        assert at == (said if recorded is None else recorded)
        assert recorded is None or (said is not None and said > recorded + SKEW)  # the engine clamps it, too
    assert source.clamped == sum(recorded is not None for _, recorded in out)
    known = [x[0] for x, _ in out if x[0] is not None]
    written = [span.tick for span in spans if span.tick is not None]
    assert (written[-1] > max(known)) if known else not written
    assert all(at <= NOW + SKEW for at in known)


def test_it_reads_no_further_ahead_than_it_must() -> None:
    read = 0

    def source() -> Iterator[Rows]:
        nonlocal read
        for number in range(5 * LOOK):
            read += 1
            # A cluster of votes that decide nothing, and an outlier, now and then.
            yield [row(START + number * SECOND if number % 97 else NOW - DAY, number % 2, number)]

    gone = 0
    for span in crowd(source()):
        gone += len(span.rows)
        assert read - gone <= LOOK
    assert gone == 5 * LOOK


def test_in_order_a_few_rows_of_look_ahead_will_do() -> None:
    read = 0

    def source() -> Iterator[Rows]:
        nonlocal read
        for number in range(LOOK):
            read += 1
            yield [row(START + number * HOUR, number, number)]

    gone = 0
    for span in crowd(source()):
        gone += len(span.rows)
        assert read - gone <= STRANGERS  # all of them are


def moved(*times: int, shoppers: int, each: int = 1) -> bool:
    """Whether rows at these times, of so many shoppers in turn, `each` at a time, all keep theirs."""
    rows = [row(at, shopper) for at in times for shopper in range(shoppers) for _ in range(each)]
    source = crowd(cut(rows))
    return flat(source) == rows and not source.clamped


@pytest.mark.parametrize("shoppers", [1, 2, 3, 40])
def test_a_jump_of_all_moves_time(shoppers: int) -> None:
    assert moved(START, START + 8 * HOUR, START + 9 * HOUR, shoppers=shoppers, each=5)  # a silent night
    assert moved(START, START + 14 * DAY, START + 15 * DAY, shoppers=shoppers, each=5)  # a holiday
    assert moved(START, START + 14 * DAY, shoppers=shoppers)  # nothing follows it
    assert moved(*range(START, START + 300 * DAY, 7 * DAY), shoppers=shoppers)  # whole days between orders
    assert moved(*range(START, START + 300 * DAY, 60 * DAY), shoppers=shoppers, each=9)


def test_a_last_row_after_a_silence_as_long_as_others_keeps_its_time() -> None:
    rows = [row(START + quarter * 90 * DAY, shopper) for quarter in range(4) for shopper in range(20)]
    last = row(START + 360 * DAY, 1)
    assert flat(crowd([[*rows, last]])) == [*rows, last]
    assert flat(crowd([[*rows[:20], last]])) == [*rows[:20], (START, *last[1:])]  # the others have never been away


def test_devices_with_another_calendar_back_nobody() -> None:
    rows = [row(START + n * MINUTE, n % 12) for n in range(60)]
    strangers = [row(START + 40 * DAY, "ahead"), *(row(START + 543 * 365 * DAY, f"be{n}") for n in range(20))]
    among = [*rows[:30], *strangers, *rows[30:]]
    found = [span for span in crowd(cut(among)) if span.at is not None]
    assert [x[2] for span in found for x in span.rows] == [x[2] for x in strangers]
    assert all(START + 29 * MINUTE <= (span.at or 0) <= START + 30 * MINUTE for span in found)


def test_rows_of_yesterday_hold_nobody_back() -> None:
    """A till sends the day's orders at night, in the middle of the web's rows."""
    day = [row(START + n * SECOND, n) for n in range(3 * LOOK)]
    rows = [*day, row(START + DAY, 1), *day, *(row(START + DAY + n * MINUTE, n) for n in range(99))]
    source = crowd(cut(rows, 100))
    assert flat(source) == rows
    assert source.clamped == 0


def test_rows_sorted_by_shopper_keep_their_times() -> None:
    rows = [row(START + day * DAY, shopper) for shopper in range(50) for day in range(30)]
    assert flat(crowd(cut(rows))) == rows


def test_a_device_an_hour_ahead_in_a_busy_shop_is_clamped_to_where_the_others_are() -> None:
    rows = [row(START + n * SECOND, n % 50) for n in range(900)]
    rows.insert(450, row(START + 450 * SECOND + HOUR, "ahead"))
    (found,) = [span for span in crowd(cut(rows)) if span.at is not None]
    assert found.at is not None
    assert START + 449 * SECOND <= found.at <= START + 450 * SECOND


def test_a_file_that_is_all_in_the_future_counts_as_now() -> None:
    spans = list(crowd(cut([row(NOW + n * DAY, n) for n in range(1, 99)])))
    assert {x[0] for span in spans for x in span.rows} == {span.at for span in spans if span.rows} == {NOW}


def call(number: int, shopper: str, at: int, event: str = "Product Added", **more: object) -> str:
    told = {"messageId": f"m{number}", "type": "track", "event": event, "userId": shopper, "timestamp": stamp(at)}
    return json.dumps({**told, "properties": {"product_id": "p", "price": 10, "quantity": 1, **more}})


def numbers(run: Run, folder: Path, lines: list[str], *options: str) -> tuple[dict[str, object], str, list[str]]:
    """The report, what was said beside it, and the dump."""
    (folder / "in.jsonl").write_text("\n".join(lines))
    result = run("replay", "--local", "--json", "--dump", "out.jsonl", *options, "in.jsonl", **AT_ONCE)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout), result.stderr, (folder / "out.jsonl").read_text().splitlines()


def test_a_device_forty_days_ahead_reminds_no_buyer(run: Run, tmp_path: Path) -> None:
    carts = [call(n, f"u{n}", START + n * MINUTE) for n in range(8)]
    ahead = call(8, "ahead", START + 40 * DAY, "Product Viewed")
    bought = [
        call(9 + n, f"u{n}", START + (10 + n) * MINUTE, "Order Completed", order_id=f"o{n}", revenue=10)
        for n in range(6)
    ]
    found, told, _ = numbers(run, tmp_path, [*carts, ahead, *bought])
    assert found["outputs"]["cart-abandonments"]["triggered"] == 2  # type: ignore[index]
    assert (found["events"], found["clamped"], found["late"]) == (15, 1, 0)
    assert "at the others' time (clamped): 1\n" in told


@pytest.mark.parametrize("place", [0, 21, 800])
def test_one_event_of_2099_changes_nobody_elses_numbers(run: Run, tmp_path: Path, place: int) -> None:
    lines = []
    for n in range(240):
        at = START + n * 6 * HOUR
        lines += [call(4 * n, f"u{n}", at, "Product Viewed"), call(4 * n + 1, f"u{n}", at + 3 * MINUTE)]
        if n % 3:
            lines.append(call(4 * n + 2, f"u{n}", at + 20 * MINUTE, "Order Completed", order_id=f"o{n}", revenue=10))
        lines.append(call(4 * n + 3, f"u{n}", at + 5 * HOUR, "Product Viewed"))
    clean, _, dump = numbers(run, tmp_path, lines)
    lines.insert(place, call(-1, "stranger", START + 74 * 365 * DAY, "Product Viewed"))
    found, _, other = numbers(run, tmp_path, lines)
    assert [line for line in other if '"stranger"' not in line] == dump
    assert clean["outputs"]["cart-abandonments"]["triggered"] == 80  # type: ignore[index]
    same = clean.keys() - {"events", "applied", "clamped", "shoppers", "shoppers_expired", "seconds"}
    assert {name: found[name] for name in same} == {name: clean[name] for name in same}
    assert (found["events"], found["clamped"]) == (len(lines), 1)


def test_a_wrong_clock_at_the_beginning_and_one_near_the_end_lose_nothing(run: Run, tmp_path: Path) -> None:
    wrong = START + 74 * 365 * DAY
    lines = [call(n, f"u{n % 50}", START + n * 6 * SECOND) for n in range(30_001)]
    lines[0], lines[25_000] = call(0, "u0", wrong, "Product Viewed"), call(25_000, "u0", wrong)
    found, _, _ = numbers(run, tmp_path, lines, "--shards", "1")
    assert (found["events"], found["applied"], found["clamped"]) == (30_001, 30_001, 2)


def test_a_file_without_one_readable_time_is_accounted_for(run: Run, tmp_path: Path) -> None:
    bad = [json.dumps({"type": "track", "event": "Product Added", "userId": "u", "timestamp": "yesterday"}), "not json"]
    found, _, _ = numbers(run, tmp_path, bad)
    assert (found["events"], found["dead_letters"]) == (2, {"bad_timestamp": 1, "not_json": 1})
