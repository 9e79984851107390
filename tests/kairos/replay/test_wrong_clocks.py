"""Shoppers with wrong clocks in a file of history: whatever they say, nobody else's messages and profiles change."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos.config.settings import load
from kairos.replay.crowd import BELIEVED, OUTVOTED, STRANGERS, Crowd
from kairos.replay.dump import PublishedOutput, dump
from kairos.replay.local import Local
from kairos.replay.row import Rows, Span
from kairos.replay.run import Watched
from kairos.replay.segment import Segment
from kairos.terminal.times import stamp
from models.decoding.event_time import EARLIEST
from models.kernel.settings import DAY, HOUR, MINUTE
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore

START = 1_740_787_200_000  # 2025-03-01T00:00Z
SETTINGS = load({"KAIROS_TABLE_EVERY": "0"})  # what a shop as a whole is like may change by anybody
SKEW = SETTINGS.shop.limits.max_skew
EVENTS = ["Product Viewed", "Product Added", "Product Added", "Order Completed"]
FAR = st.sampled_from([9 * MINUTE, 60 * DAY, 900 * 365 * DAY]).flatmap(lambda most: st.integers(0, most))
PAST = st.integers(EARLIEST, START - DAY)
Calls = list[dict[str, Any]]


def call(number: int | str, shopper: str, at: int, event: str) -> dict[str, Any]:
    told = {"messageId": f"m-{shopper}-{number}", "type": "track", "event": event, "userId": shopper}
    properties = {"product_id": "p", "price": 10, "order_id": f"o-{shopper}-{number}", "revenue": 10}
    return {**told, "at": at, "timestamp": stamp(at), "properties": properties}


@st.composite
def shops(draw: st.DrawFn) -> Calls:
    """A few shoppers in turn, in the order of time."""
    shoppers = draw(st.integers(3, 9))
    longest = draw(st.sampled_from([MINUTE, 20 * MINUTE, 2 * HOUR, DAY]))
    gaps = draw(st.lists(st.tuples(st.integers(0, longest), st.sampled_from(EVENTS)), min_size=20, max_size=60))
    times = accumulate(gap for gap, _ in gaps)
    return [
        call(number, f"u{number % shoppers}", START + at, event)
        for number, (at, (_, event)) in enumerate(zip(times, (event for event in gaps), strict=True))
    ]


@st.composite
def wrong(draw: st.DrawFn, calls: Calls) -> Calls:
    """The same with strangers among them: minutes to centuries ahead of some that follow, or years before them."""
    among = list(calls)
    places = draw(st.lists(st.integers(0, len(calls)), min_size=1, max_size=20))
    for number, place in enumerate(sorted(places, reverse=True)):
        follow = place + 2 * OUTVOTED
        least = calls[follow]["at"] + SKEW + 1 if follow < len(calls) else calls[-1]["at"] + BELIEVED[True] + 9 * DAY
        for again in range(draw(st.sampled_from([1, 1, 3, 10]))):
            future = least + draw(FAR)
            at = draw(st.sampled_from([future, -DAY, draw(PAST) if place > 10 else future]))
            shopper = f"x{draw(st.integers(0, 20))}{'' if at >= START else '-late'}"
            among.insert(place, call(f"{number}-{again}", shopper, at, draw(st.sampled_from(EVENTS))))
    return among


class Given:
    """Rows as a format would yield them."""

    total: int | None = None

    def __init__(self, calls: Calls) -> None:
        self.left_out: dict[str, int] = {}
        self._rows = Segment([], SETTINGS.shop).rows([json.dumps(one).encode() for one in calls])

    def __iter__(self) -> Any:
        return (self._rows[i : i + 50] for i in range(0, len(self._rows), 50))


def folded(calls: Calls, file: Path, shards: int = 2) -> tuple[list[str], Watched]:
    """All that is said and known of honest shoppers, sorted."""
    store, outputs = MemoryStore(), MemoryOutputs()
    engine, spans = Local(SETTINGS, shards, store, outputs), Watched(Given(calls), SKEW, None)
    engine.run(spans)
    said = (PublishedOutput(m.topic, m.key, m.value) for _, m in outputs.messages)
    dump(str(file), store, SETTINGS.shop, said)
    return [line for line in file.read_text().splitlines() if '"x' not in line], spans


def ahead(calls: Calls) -> int:
    """How many say that they are of the future."""
    return sum(one["userId"].startswith("x") and one["at"] >= START for one in calls)


@given(st.data())
def test_nobody_else_is_concerned(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    calls = data.draw(shops())
    among = data.draw(wrong(calls))
    file = tmp_path_factory.getbasetemp() / "wrong-clocks.jsonl"
    alone, before = folded(calls, file)
    disturbed, after = folded(among, file)
    assert disturbed == alone
    assert before.final == after.final
    assert after._crowd.clamped == ahead(among)


def honest(count: int, shoppers: int = 9, gap: int = MINUTE) -> Calls:
    return [call(n, f"u{n % shoppers}", START + n * gap, EVENTS[n % 4]) for n in range(count)]


@pytest.mark.parametrize("count", [1, 3, 10, 60])
@pytest.mark.parametrize("where", ["early", "middle", "end"])
@pytest.mark.parametrize("far", [9 * MINUTE, 40 * DAY, 900 * 365 * DAY])
def test_a_few_of_them_in_a_row(tmp_path: Path, count: int, where: str, far: int) -> None:
    """In a small file. At its beginning they must be fewer than those behind; at its end a month would be believed."""
    calls, count = honest(40), min(count, 10) if where == "early" else count
    place = {"early": 0, "middle": 20, "end": len(calls)}[where]
    at = calls[min(place + 8, 39)]["at"] + (far if where != "end" else max(far, 40 * DAY))
    strangers = [call(f"w{n}", f"x{n}", at + n * 1_000, "Product Viewed") for n in range(count)]
    alone, _ = folded(calls, tmp_path / "alone.jsonl")
    disturbed, spans = folded([*calls[:place], *strangers, *calls[place:]], tmp_path / "disturbed.jsonl")
    assert disturbed == alone
    assert spans._crowd.clamped == count


def test_a_first_event_of_years_ago_holds_nobody_back(tmp_path: Path) -> None:
    """Nor do a few of them at the beginning."""
    calls = honest(60)
    alone, _ = folded(calls, tmp_path / "alone.jsonl")
    for places in ([0], [0, 1, 2], [0, 3, 9, 20, 40]):
        among = list(calls)
        for n, place in enumerate(reversed(places)):
            among.insert(place, call(f"w{n}", f"x{n}", START - (5000 - 900 * n) * DAY, "Product Viewed"))
        disturbed, spans = folded(among, tmp_path / "disturbed.jsonl")
        assert disturbed == alone
        assert spans._crowd.clamped == 0


def crowded(calls: Calls) -> list[Span]:
    return list(Crowd(Given(calls), SKEW))


def moved(calls: Calls, is_one: Callable[[dict[str, Any]], bool]) -> list[bool]:
    """Of some calls, whether each keeps its time."""
    rows: Rows = [row for span in crowded(calls) for row in span.rows]
    return [row[0] == one["at"] for row, one in zip(rows, calls, strict=True) if is_one(one)]


def test_the_limit_is_so_many_strangers_in_a_row_of_whom_nobody_is_known() -> None:
    """Then it is a shop whose visitors are all new, after a silence."""
    calls, strange = honest(40), lambda one: one["userId"].startswith("x")
    for count, believed in ((STRANGERS - 1, False), (STRANGERS, True)):
        strangers = [call(n, f"x{n}", START + 40 * DAY, "Product Viewed") for n in range(count)]
        kept = moved([*calls[:20], *strangers, *calls[20:]], strange)
        assert kept == [believed] * count


def test_hours_late_in_the_order_of_arrival(tmp_path: Path) -> None:
    """Phones that were offline send what they have when they are back: nobody is clamped, and all of it counts at its
    own time, as if it had come in order."""
    calls = honest(400, shoppers=13, gap=5 * MINUTE)
    arrived = sorted(calls, key=lambda one: one["at"] + (7 * HOUR if one["userId"] in ("u3", "u8") else 0))
    assert arrived != calls
    assert all(moved(arrived, lambda one: True))
    alone, _ = folded(calls, tmp_path / "a.jsonl")
    late, _ = folded(arrived, tmp_path / "b.jsonl")
    profiles = [[json.loads(line)["profile"] for line in lines if '"profile"' in line] for lines in (alone, late)]
    kept = [[profile["buyer"] for profile in found] for found in profiles]
    money = [[(one["orders"], one["valid"], one["gross"], one["net"]) for one in found] for found in kept]
    assert money[0] == money[1]
    others = [[line for line in lines if '"u3"' not in line and '"u8"' not in line] for lines in (alone, late)]
    assert others[0] == others[1]
