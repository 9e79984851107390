"""A shard's counters: what they say is what was counted, however it came and whoever went on with it."""

from __future__ import annotations

from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st

from sinks import hours
from sinks.minutes import MINUTES, Minute, unpack
from sinks.summary import merge
from streams.stats import Stats

DELTAS = st.dictionaries(
    st.integers(0, 4_000) | st.integers(0, 90), st.lists(st.integers(0, 9), min_size=10, max_size=10), max_size=8
)


class Written:
    """The fields of a shard's counters in the store."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}

    def commit(self, stats: Stats) -> None:
        for name, value in stats.taken().items():
            if value is None:
                del self.fields[name]
            else:
                self.fields[name] = str(value)

    def read(self) -> Stats:
        return Stats({name: value.encode() for name, value in self.fields.items()})


def day(deltas: list[dict[int, list[int]]]) -> tuple[Minute, ...]:
    """The last day's minutes by adding up every minute there ever was."""
    sums: defaultdict[int, list[int]] = defaultdict(lambda: [0] * 10)
    for minutes in deltas:
        for minute, row in minutes.items():
            sums[minute] = [a + b for a, b in zip(sums[minute], row, strict=True)]
    last = max((minute for minute, row in sums.items() if any(row[:4])), default=0)
    return tuple(Minute(minute, *sums[minute]) for minute in sorted(sums) if minute > last - MINUTES)


@given(st.lists(st.tuples(DELTAS, st.booleans())))
def test_the_last_day_is_told_whatever_comes_late_and_whoever_goes_on(batches: list[tuple[dict, bool]]) -> None:
    written, stats = Written(), Stats()
    for deltas, claimed_anew in batches:
        stats.minutes.add(deltas)
        written.commit(stats)
        if claimed_anew:
            stats = written.read()
    assert merge([written.fields]).minutes == day([deltas for deltas, _ in batches])
    assert len(written.fields) <= 25
    for name, value in written.fields.items():
        assert len({minute.minute // 60 for minute in unpack(name, value)}) == 1


NAMED = st.dictionaries(
    st.integers(500_000, 500_600),
    st.dictionaries(st.sampled_from(["visits", "carts", "moved:>new"]), st.integers(-3, 9)),
)


@given(st.lists(st.tuples(NAMED, st.booleans())))
def test_the_last_eight_days_are_told_by_the_hour(batches: list[tuple[dict[int, dict[str, int]], bool]]) -> None:
    written, stats, sums = Written(), Stats(), defaultdict[int, Counter[str]](Counter)
    for deltas, claimed_anew in batches:
        stats.hours.add(deltas)
        written.commit(stats)
        if claimed_anew:
            stats = written.read()
        for hour, counts in deltas.items():
            sums[hour].update(counts)
    told = {hour: {name: n for name, n in counts.items() if n} for hour, counts in merge([written.fields]).hours}
    kept = {hour for hour in sums if hour > max(sums) - hours.HOURS}
    assert told == {hour: {name: n for name, n in sums[hour].items() if n} for hour in kept}
    assert len(written.fields) <= hours.HOURS


@given(st.lists(DELTAS, min_size=1), DELTAS)
def test_minutes_of_an_earlier_version_are_taken_over(before: list[dict[int, list[int]]], after: dict) -> None:
    """They stood in a ring of 1,440 fields, in which a newer minute took the place of an older one."""
    ring: dict[int, Minute] = {}
    for minute in sorted({minute for minutes in before for minute in minutes}):
        rows = [minutes[minute] for minutes in before if minute in minutes]
        ring[minute % MINUTES] = Minute(minute, *map(sum, zip(*rows, strict=True)))
    written = Written()
    written.fields = {f"m:{slot}": ",".join(map(str, minute)) for slot, minute in ring.items()} | {"events": "7"}
    assert merge([written.fields]).minutes == day(before)
    stats = written.read()
    stats.minutes.add(after)
    written.commit(stats)
    assert merge([written.fields]).minutes == day([*before, after])
    assert not any(name.startswith("m:") for name in written.fields)
    written.commit(written.read())
    assert written.fields["events"] == "7"


def test_a_batch_writes_the_hours_that_it_touched_and_no_other() -> None:
    stats = Stats({"h:2": b"[[120,1,0,0,0]]", "h:3": b"[[180,1,0,0,0]]", "letters": b"[]"})
    stats.minutes.add({181: [1, 1, 500, 0, 0, 0, 0, 0, 0, 1]})
    stats.add({"events": 1, "late": 0})
    assert stats.taken() == {"events": 1, "h:3": "[[180,1],[181,1,1,500,0,0,0,0,0,0,1]]"}
    assert stats.taken() == {}
    assert stats.texts == {"letters": "[]"}


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(-9, 9))))
def test_totals_are_sums(changes: list[dict[str, int]]) -> None:
    written, stats, sums = Written(), Stats(), Counter[str]()
    for counts in changes:
        stats.add(counts)
        sums.update(counts)
        written.commit(stats)
        stats = written.read()
    assert {name: int(n) for name, n in written.fields.items() if n != "0"} == {k: n for k, n in sums.items() if n}
    assert not any(unpack(name, n) for name, n in written.fields.items())
