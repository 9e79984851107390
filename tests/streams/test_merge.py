"""The merge: the order depends on the logs alone under clock=event, and on patience under clock=wall."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.buffer import NEVER, Buffer
from streams.errors import Gap
from streams.merge import Merge
from streams.records import End
from tests.reference import merge as reference
from tests.streams.logs import INPUTS, T0, chunk, page, reader, tick

END = 1_000


def buffers() -> list[Buffer]:
    return [Buffer(source, reader(), 0) for source in INPUTS]


def event_merge() -> tuple[list[Buffer], Merge]:
    inputs = buffers()
    return inputs, Merge(inputs, wall=False, max_idle=500, grace=2_000)


@st.composite
def logs(draw: st.DrawFn) -> list[list[bytes]]:
    """Three inputs with out-of-order records and ticks that promise truly; each ends with a tick."""
    out = []
    for _ in INPUTS:
        times = draw(st.lists(st.integers(0, 50), max_size=12))
        values = []
        for i, time in enumerate(times):
            values.append(page(T0 + time))
            if draw(st.booleans()) and times[i + 1 :]:
                values.append(tick(T0 + min(times[i + 1 :])))
        out.append([*values, tick(T0 + END)])
    return out


def drain(values: list[list[bytes]], cuts: list[int], room: int) -> list[tuple[int, int, int]]:
    """The merged (time, rank, offset) of all records, delivered piece by piece: `cuts` says how much of which."""
    inputs, merge = event_merge()
    done = [0, 0, 0]
    taken = []

    def give(which: int, count: int) -> None:
        piece = values[which][done[which] : done[which] + count]
        if piece:
            inputs[which].append(chunk(INPUTS[which].topic, piece, done[which]))
            done[which] += len(piece)

    for cut in [*cuts, 10_000, 10_001, 10_002]:
        give(cut % 3, cut // 3 + 1)
        while entries := merge.take(room, 1 << 20):
            taken += [(x.time, x.source.rank, x.record.offset) for x in entries]
    return taken


@given(logs(), st.lists(st.integers(0, 12), max_size=20), st.integers(1, 5))
def test_the_order_does_not_depend_on_the_delivery(values: list[list[bytes]], cuts: list[int], room: int) -> None:
    whole = drain(values, [], 10_000)
    assert drain(values, cuts, room) == whole
    assert len(whole) == sum(len(v) for v in values) - sum(b"kairos.tick" in r for v in values for r in v)


@given(logs(), st.lists(st.integers(0, 12), max_size=20), st.integers(1, 5))
def test_the_order_is_that_of_a_merge_record_by_record(values: list[list[bytes]], cuts: list[int], room: int) -> None:
    records = {source.topic: chunk(source.topic, log).records for source, log in zip(INPUTS, values, strict=True)}
    steps = reference.merge(reference.heads(records, INPUTS, lambda record: reader().read(record.value, -1)))
    plain = [(step.w, step.source.rank, step.record.offset) for step in steps if step.source and step.record]
    reached, found = 0, []
    for time, rank, offset in drain(values, cuts, room):
        reached = max(reached, time)
        found.append((reached, rank, offset))
    assert found == plain


class Told(NamedTuple):
    """What can be seen of the inputs: promises, what is next of each, and what waits."""

    promises: list[int]
    heads: list[tuple[int, int, int] | None]
    waiting: list[int]


def told(inputs: list[Buffer]) -> Told:
    heads = [buffer.peek() for buffer in inputs]  # first: a tick at a head is passed
    orders = [buffer.order for buffer in inputs]
    return Told(
        [buffer.promise for buffer in inputs],
        [head and (head.time, order, head.record.offset) for head, order in zip(heads, orders, strict=True)],
        [buffer.waiting for buffer in inputs],
    )


@given(logs(), st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9), st.booleans()), max_size=20))
def test_what_is_put_back_is_as_if_it_had_not_been_taken(
    values: list[list[bytes]], turns: list[tuple[int, int, bool]]
) -> None:
    """Beside a merge of which nothing was ever put back. Each turn takes some, puts all but `keep` back, and may let go
    of what it kept."""
    inputs, merge = event_merge()
    others, plain = event_merge()
    for source, log in zip(INPUTS, values, strict=True):
        inputs[source.rank].append(chunk(source.topic, log))
        others[source.rank].append(chunk(source.topic, log))
    kept, ticks, offsets = [], 0, {"clickstream": 0, "cart": 0, "orders": 0}
    same, passed = [], 0
    for room, keep, settles in [*turns, (10_000, 10_000, True)]:
        entries = merge.take(room, 1 << 20)
        merge.put_back(entries, keep)
        kept += entries
        same += plain.take(len(entries), 1 << 20) if entries else []
        for of in (inputs, others):
            told(of)
        if settles:
            moved, ticked = merge.settle()
            offsets |= moved
            ticks += ticked
            passed += plain.settle()[1]
            assert ticks == passed
        assert told(inputs) == told(others)
        assert kept == same
    assert offsets == {source.topic: len(log) for source, log in zip(INPUTS, values, strict=True)}
    assert ticks == sum(b"kairos.tick" in value for log in values for value in log)


def test_an_input_without_a_promise_holds_the_others_back() -> None:
    inputs, merge = event_merge()
    inputs[0].append(chunk("clickstream", [page(T0)]))
    assert merge.take(10, 1_000) == []
    assert merge.waiting() == ["cart", "orders"]
    for which in (1, 2):
        inputs[which].append(chunk(INPUTS[which].topic, [tick(T0)]))
    assert [x.source.topic for x in merge.take(10, 1_000)] == ["clickstream"]
    assert merge.settle() == ({"clickstream": 1, "cart": 1, "orders": 1}, 2)


def test_at_the_same_time_a_click_comes_before_a_cart_change_before_an_order() -> None:
    inputs, merge = event_merge()
    for source in reversed(INPUTS):
        inputs[source.rank].append(chunk(source.topic, [page(T0), tick(T0 + 1)]))
    order = [x.source.topic for x in merge.take(10, 1_000)]
    assert order == ["clickstream", "cart", "orders"]


def test_a_record_below_a_promise_comes_at_the_promise() -> None:
    inputs, merge = event_merge()
    inputs[0].append(chunk("clickstream", [tick(T0 + 9), page(T0)]))
    for which in (1, 2):
        inputs[which].append(chunk(INPUTS[which].topic, [tick(T0 + 99)]))
    assert [x.time for x in merge.take(10, 1_000)] == [T0 + 9]
    assert merge.low(0) == T0 + 9


def test_a_chunk_after_a_hole_is_refused_and_what_was_seen_is_dropped() -> None:
    [buffer, *_] = buffers()
    buffer.append(chunk("clickstream", [page(T0)]))
    with pytest.raises(Gap, match="starts at 5, expected 1"):
        buffer.append(chunk("clickstream", [page(T0)], start=5))
    buffer.append(chunk("clickstream", [page(T0), page(T0 + 1)], start=0))
    assert (buffer.waiting, buffer.expected) == (2, 2)


def wall_merge(now: int) -> tuple[list[Buffer], Merge]:
    inputs = buffers()
    merge = Merge(inputs, wall=True, max_idle=500, grace=2_000)
    merge.block(now)
    return inputs, merge


def test_an_empty_input_is_names_a_fetch_answered_after_the_shard_blocked() -> None:
    inputs, merge = wall_merge(now=T0)
    inputs[0].append(chunk("clickstream", [page(T0)]))
    before = {name: End(0, T0 - 1) for name in ("cart", "orders")}
    merge.observe(T0 + 100, before)
    assert merge.take(10, 1_000) == []
    merge.observe(T0 + 100, {name: End(0, T0 + 50) for name in ("cart", "orders")})
    assert len(merge.take(10, 1_000)) == 1
    assert merge.forced == 0


def test_an_input_with_unread_records_is_not_empty_but_patience_ends() -> None:
    inputs, merge = wall_merge(now=T0)
    inputs[0].append(chunk("clickstream", [page(T0)]))
    ends = {name: End(7, T0 + 400) for name in ("cart", "orders")}
    merge.observe(T0 + 499, ends)
    assert merge.take(10, 1_000) == []
    merge.observe(T0 + 500, ends)
    assert len(merge.take(10, 1_000)) == 1
    assert merge.forced == 2


def step(merge: Merge, now: int, ends: dict[str, End]) -> int:
    """How many records a shard takes that looks at `now`; like the shard, it blocks where there is none."""
    merge.observe(now, ends)
    entries = merge.take(10, 1_000)
    if not entries:
        merge.block(now)
    return len(entries)


@given(st.lists(st.integers(1, 150), min_size=1, max_size=10), st.integers(0, 12), st.integers(0, 12))
def test_a_shard_that_looks_again_keeps_what_it_knows_while_records_wait(
    pauses: list[int], cart: int, orders: int
) -> None:
    """The n-th look learns that an input is empty. Neither that nor the time waited begins anew at the next look."""
    inputs, merge = wall_merge(now=T0)
    inputs[0].append(chunk("clickstream", [page(T0)]))
    seen, ends, now = {"cart": cart, "orders": orders}, dict[str, End](), T0
    for look, pause in enumerate(pauses):
        now += pause
        ends |= {topic: End(0, now) for topic, first in seen.items() if first == look}
        unknown = [topic for topic, first in seen.items() if first > look]
        if not unknown or now - T0 >= 500:
            assert step(merge, now, ends) == 1
            assert merge.forced == len(unknown)
            break
        assert step(merge, now, ends) == 0
        assert merge.waiting() == unknown


def test_a_shard_with_nothing_to_fold_learns_anew_which_inputs_are_empty() -> None:
    inputs, merge = wall_merge(now=T0)
    ends = {source.topic: End(0, T0 + 50) for source in INPUTS}
    assert step(merge, T0 + 100, ends) == 0
    assert merge.waiting() == []
    inputs[0].append(chunk("clickstream", [page(T0)]))
    assert step(merge, T0 + 150, ends) == 0
    assert merge.waiting() == ["cart", "orders"]


def test_a_batch_goes_on_where_an_input_runs_dry_that_is_known_to_end_there() -> None:
    inputs, merge = wall_merge(now=T0)
    inputs[0].append(chunk("clickstream", [page(T0), page(T0 + 2)]))
    inputs[1].append(chunk("cart", [page(T0 + 1)]))
    merge.observe(T0 + 9, {"clickstream": End(2, T0 + 5), "cart": End(1, T0 + 5), "orders": End(0, T0 + 5)})
    assert [x.source.topic for x in merge.take(10, 1_000)] == ["clickstream", "cart", "clickstream"]


def test_a_batch_stops_where_an_input_runs_dry_that_has_more() -> None:
    inputs, merge = wall_merge(now=T0)
    inputs[0].append(chunk("clickstream", [page(T0), page(T0 + 2)]))
    inputs[1].append(chunk("cart", [page(T0 + 1)]))
    merge.observe(T0 + 9, {"clickstream": End(2, T0 + 5), "cart": End(2, T0 + 5), "orders": End(0, T0 + 5)})
    assert [x.source.topic for x in merge.take(10, 1_000)] == ["clickstream", "cart"]
    inputs[1].append(chunk("cart", [page(T0 + 1)], start=1))
    assert [x.source.topic for x in merge.take(10, 1_000)] == ["cart"]  # the proof was of an end further back


def test_a_busy_shard_has_patience_too() -> None:
    """It never blocks with nothing to fold; how long it waits counts from the last record taken."""
    inputs, merge = wall_merge(now=T0)
    ends = {"clickstream": End(9, T0), "cart": End(0, T0), "orders": End(0, T0)}
    for now in (T0 + 300, T0 + 600):
        inputs[0].append(chunk("clickstream", [page(now)], start=inputs[0].expected or 0))
        merge.observe(now, ends)
        assert len(merge.take(10, 1_000)) == 1
    inputs[1].append(chunk("cart", [page(T0)]))  # and more of it is on its way
    inputs[0].append(chunk("clickstream", [page(T0 + 700)], start=2))
    ends["cart"] = End(2, T0 + 700)
    for now, taken in ((T0 + 700, 1), (T0 + 1_199, 0), (T0 + 1_200, 1)):
        merge.observe(now, ends)
        assert len(merge.take(10, 1_000)) == taken
    assert merge.forced == 1


def test_a_record_on_its_way_is_no_backlog_where_the_last_was_fresh() -> None:
    inputs, merge = wall_merge(now=T0)
    inputs[0].append(chunk("clickstream", [page(T0 + 100)]))
    merge.observe(T0 + 109, {"clickstream": End(2, T0 + 105), "cart": End(0, T0 + 105), "orders": End(0, T0 + 105)})
    assert len(merge.take(10, 1_000)) == 1
    assert merge.caught_up(T0 + 99)
    assert not merge.caught_up(T0 + 100)


def test_an_idle_shards_time_follows_the_clock_by_the_grace() -> None:
    inputs, merge = wall_merge(now=T0)
    assert merge.low(T0 + 300) == NEVER
    merge.observe(T0 + 300, {source.topic: End(0, T0 + 200) for source in INPUTS})
    assert merge.low(T0 + 300) == T0 + 300 - 2_000
    inputs[0].promise = T0
    assert merge.low(T0 + 300) == T0 + 300 - 2_000
    for buffer in inputs:
        buffer.promise = T0 + 100
    assert merge.low(T0 + 300) == T0 + 100
