"""Ticks: what they promise holds, none is missing, and nothing is lost between them."""

from __future__ import annotations

import json
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from kairos.replay.row import Rows
from kairos.replay.ticks import SILENCE, spans, value
from models.decoding.decoder import Decoder
from models.features import ShopSettings
from models.kernel.events import Tick
from models.kernel.settings import DAY, HOUR

START = 1_470_035_066_000
TIMES = st.lists(st.integers(START, START + 40 * HOUR), max_size=60)


def batches(times: list[int | None], size: int = 7) -> list[Rows]:
    rows: Rows = [(e, 0, b"k", str(number).encode()) for number, e in enumerate(times)]
    return [rows[i : i + size] for i in range(0, len(rows), size)]


def flat(times: list[int | None], until: int | None = None) -> list[tuple[str, int | None]]:
    """The stream as each partition sees it: rows and ticks in order."""
    result: list[tuple[str, int | None]] = []
    for span in spans(batches(times), until):
        result += [("row", row[0]) for row in span.rows]
        if span.tick is not None:
            result.append(("tick", span.tick))
    return result


@given(TIMES)
@example([START, START + HOUR])
def test_no_row_before_a_tick_follows_it(times: list[int]) -> None:
    promise = 0
    for kind, at in flat(sorted(times)):
        assert at is not None
        if kind == "row":
            assert at >= promise
        else:
            promise = at


@given(TIMES)
def test_every_full_hour_has_its_tick_and_the_last_is_strictly_after_the_last_event(times: list[int]) -> None:
    ticks = [at for kind, at in flat(sorted(times)) if kind == "tick"]
    if not times:
        assert ticks == []
        return
    first, last = min(times) // HOUR + 1, max(times) // HOUR + 1
    assert ticks == [hour * HOUR for hour in range(first, last + 1)]
    assert ticks[-1] > max(times)


@given(st.lists(st.one_of(st.none(), st.integers(START, START + 40 * HOUR)), max_size=60))
def test_out_of_order_nothing_is_lost_and_ticks_only_rise(times: list[int | None]) -> None:
    seen = flat(times)
    assert [at for kind, at in seen if kind == "row"] == times
    ticks = [at for kind, at in seen if kind == "tick" and at is not None]
    assert all(a < b for a, b in pairwise(ticks))
    known = [e for e in times if e is not None]
    assert (ticks[-1] > max(known)) if known else not ticks


def test_a_tick_stands_before_the_first_row_of_its_hour() -> None:
    hour = START // HOUR * HOUR
    times: list[int | None] = [hour + 5, hour + HOUR - 1, hour + HOUR, hour + HOUR + 1]
    assert flat(times) == [
        ("row", hour + 5),
        ("row", hour + HOUR - 1),
        ("tick", hour + HOUR),
        ("row", hour + HOUR),
        ("row", hour + HOUR + 1),
        ("tick", hour + 2 * HOUR),
    ]


def test_a_long_silence_has_one_tick_at_its_end() -> None:
    ticks = [at for kind, at in flat([START, START + SILENCE + DAY]) if kind == "tick"]
    assert ticks == [(START + SILENCE + DAY) // HOUR * HOUR, ((START + SILENCE + DAY) // HOUR + 1) * HOUR]


def test_until_is_one_further_tick() -> None:
    final = (START // HOUR + 1) * HOUR
    assert flat([START], until=final + 9 * DAY + 1)[-2:] == [("tick", final), ("tick", final + 9 * DAY + 1)]
    assert flat([START], until=final)[-1] == ("tick", final)
    assert flat([], until=final) == [("tick", final)]


def test_the_engine_reads_it_as_a_tick() -> None:
    reading = Decoder(ShopSettings()).read(value(1_477_983_600_000), recorded=-1)
    assert (reading.event, reading.e) == (Tick(), 1_477_983_600_000)
    assert json.loads(value(1_477_983_600_000)) == {"type": "kairos.tick", "timestamp": "2016-11-01T07:00:00.000Z"}
