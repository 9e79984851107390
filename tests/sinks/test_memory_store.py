"""The store in memory: what the contract's tests cannot see."""

from __future__ import annotations

import asyncio
from threading import Barrier, Thread

from hypothesis import given
from hypothesis import strategies as st

from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from sinks.memory_timers import Timers
from sinks.outputs import Message
from sinks.store import Commit
from tests.sinks.batches import batch, everything

USERS = st.sampled_from("abcdef")


def test_nothing_is_shared_with_the_caller() -> None:
    store = MemoryStore()
    store.claim(0, "a", schema=1, partitions=1)
    fields: dict[str, str | int] = {"n": 1}
    public = {"u": fields}
    commit = Commit({"t": 1}, b"s", {"u": b"p"}, public, {"u": 5}, {"events": 1}, {"x": 0}, [b"f"], b"o")
    store.apply(0, "a", 1, commit)
    before = everything(store)
    fields["n"] = 2
    public["v"] = {}
    for part in (commit.offsets, commit.profiles, commit.timers, commit.stats, commit.vocab, commit.feed):
        part.clear()  # type: ignore[union-attr]
    claim = store.claim(0, "b", schema=1, partitions=1)
    readings = [store.public(0, "u"), store.offsets(0), store.stats(0), store.vocab(0), store.timers(0)]
    for given_out in (claim.offsets, claim.stats, claim.vocab, *readings, store.feed(0, 9)):
        assert given_out
        given_out.clear()  # type: ignore[union-attr]
    assert everything(store) == before


@given(st.lists(st.dictionaries(USERS, st.none() | st.integers(0, 20)), max_size=30), st.data())
def test_timers_are_a_sorted_dict(changes: list[dict[str, int | None]], data: st.DataObject) -> None:
    timers, model = Timers(), {}
    for change in changes:
        timers.update(change)
        model.update(change)
        start, before, limit = (data.draw(st.integers(0, 21)) for _ in range(3))
        alive = sorted((due, user) for user, due in model.items() if due is not None)
        assert timers.next_due == (alive[0][0] if alive else None)
        assert timers.between(start, before, limit) == [(d, u) for d, u in alive if start <= d < before][:limit]


def test_a_timer_that_moved_away_and_back_is_one() -> None:
    timers = Timers()
    for due in (5, 7, 5):
        timers.update({"first": 1, "u": due})
    assert timers.between(0, 9, 9) == [(1, "first"), (5, "u")]


def test_rescheduling_does_not_grow_the_heap() -> None:
    timers = Timers()
    for due in range(10_000):
        timers.update({"u": 10_000 - due, "v": due})
    assert len(timers._heap) < 1_100
    assert timers.between(0, 20_000, 9) == [(1, "u"), (9_999, "v")]


def test_two_owners_at_once_never_both_commit() -> None:
    store = MemoryStore()
    store.claim(0, "a", schema=1, partitions=1)
    start, answers = Barrier(8), []

    def write(writer: int) -> None:
        start.wait()
        answers.extend(store.apply(0, "a", seq, batch(shard=b"%d" % writer)).status for seq in range(1, 200))

    threads = [Thread(target=write, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seq = store.claim(0, "b", schema=1, partitions=1).seq
    assert answers.count("OK") == seq


def test_outputs_are_kept_in_order_with_repeats() -> None:
    outputs = MemoryOutputs()
    one, two = Message("t", b"k", b"1"), Message("t", None, b"2")
    asyncio.run(outputs.publish(3, [one, two]))
    outputs.append(3, [one])
    assert outputs.messages == [(3, one), (3, two), (3, one)]
