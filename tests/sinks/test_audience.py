"""Audiences: the differences of consecutive times, applied one after the other, give who holds the tag in the end.

The engine goes on while it is read: between two shards, and amid the profiles of one. What the last batch said is not
in Kafka yet. The judge is the list of messages: who entered a tag and did not exit it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from kairos.config.settings import load
from kairos.kafka.exits import last_exits
from kairos.replay.local import Local
from kairos.replay.row import Row, Span
from kairos.terminal.times import stamp
from models.kernel.events import CLICKSTREAM, ORDER
from models.kernel.outputs import USER_TAGS
from models.kernel.settings import DAY, HOUR
from sinks.audience import Change, changes, nobody
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from sinks.shard_state import ShardState
from streams import outbox

SETTINGS = load({"KAIROS_TABLE_EVERY": "0"})
BEGIN = 1_700_000_000_000
SHARDS = 3
TAGS = ("stage:new", "stage:active", "stage:cooling", "segment:new", "segment:promising", "second_order_due")


def call(user: int, at: int, ordered: bool) -> Row:
    """A visit, or an order."""
    name = "Order Completed" if ordered else "Page Viewed"
    said: dict[str, Any] = {"event": name, "userId": f"u{user}", "timestamp": stamp(at), "messageId": f"m{user}-{at}"}
    said["properties"] = {"order_id": f"o{user}-{at}", "revenue": 20} if ordered else {}
    return at, ORDER if ordered else CLICKSTREAM, f"u{user}".encode(), json.dumps(said).encode()


@st.composite
def histories(draw: st.DrawFn) -> list[Span]:
    """Some shoppers' visits and orders, with silences after which a stage is another one, or they are forgotten; a part
    of the records comes late. A span a day or several."""
    ends = [BEGIN]
    for gap in draw(st.lists(st.sampled_from([DAY, DAY, 5 * DAY, 12 * DAY, 40 * DAY]), min_size=6, max_size=14)):
        ends.append(ends[-1] + gap)
    spans = []
    for begin, end in pairwise(ends):
        said = draw(st.lists(st.tuples(st.integers(0, 9), st.integers(1, end - begin), st.integers(0, 5)), max_size=8))
        rows = [
            call(user, begin + after - (30 * HOUR if mark == 5 else 0), mark in (0, 5)) for user, after, mark in said
        ]
        spans.append(Span(sorted(rows), end))
    return spans


class Shop:
    """An engine in memory that is fed span by span."""

    def __init__(self, spans: list[Span]) -> None:
        self.store, self.outputs = MemoryStore(), MemoryOutputs()
        self.local = Local(SETTINGS, SHARDS, self.store, self.outputs)
        self.spans = iter(spans)
        self.more = True

    def on(self, count: int) -> None:
        """Fold some spans more."""
        for _ in range(count):
            span = next(self.spans, None)
            self.more = span is not None
            if span is not None:
                self.local.feed(span)
        self.local.turn()

    def published(self, shard: int) -> list[bytes]:
        """What Kafka has of a shard's tags: all but the outputs of its last batch."""
        pending = len([m for m in outbox.unpack(self.store.outbox(shard)) if m.topic == USER_TAGS])
        said = [m.value for p, m in self.outputs.messages if p == shard and m.topic == USER_TAGS]
        return said[: len(said) - pending]

    def left(self, tag: str, since: int, shard: int) -> dict[str, int]:
        pending = [m.value for m in outbox.unpack(self.store.outbox(shard)) if m.topic == USER_TAGS]
        return last_exits([*self.published(shard), *pending], tag, since)

    def holding(self, tag: str) -> set[str]:
        """By the messages alone."""
        held: set[str] = set()
        for _, message in self.outputs.messages:
            said = json.loads(message.value)
            if message.topic == USER_TAGS and said["tag"] == tag:
                (held.add if said["kind"] == "entered" else held.discard)(said["user_id"])
        return held


class Moving(MemoryStore):
    """What is read of a shop that goes on: after every profile and every shard, maybe."""

    def __init__(self, shop: Shop, moves: Iterator[bool]) -> None:
        self.__dict__ = shop.store.__dict__
        self._shop, self._moves = shop, moves

    def shard(self, partition: int) -> bytes:
        self._move()
        return super().shard(partition)

    def profiles(self, partition: int) -> Iterator[tuple[str, bytes]]:
        for user, _ in list(super().profiles(partition)):
            self._move()
            packed = self.profile(partition, user)
            if packed is not None:
                yield user, packed

    def _move(self) -> None:
        if next(self._moves, False):
            self._shop.on(1)


def listed(shop: Shop, reader: MemoryStore, tag: str, since: int) -> list[Change]:
    left = partial(shop.left, tag, since) if since else nobody
    found = [changes(reader, tag, shard, SETTINGS.shop, since, left) for shard in range(SHARDS)]
    return [change for shard in found for change in shard if change is not None]


def apply(people: set[str], told: list[Change]) -> set[str]:
    assert len({change.user_id for change in told}) == len(told)
    added = {change.user_id for change in told if change.action == "add"}
    return (people | added) - {change.user_id for change in told if change.action == "remove"}


@given(
    histories(), st.sampled_from(TAGS), st.lists(st.booleans(), max_size=60), st.lists(st.integers(1, 4), min_size=1)
)
def test_differences_add_up(spans: list[Span], tag: str, moves: list[bool], steps: list[int]) -> None:
    shop = Shop(spans)
    reader = Moving(shop, iter(moves))
    shop.on(2)
    people: set[str] = set()
    since, told = 0, 0
    for step in steps * len(spans):
        marks = [watermark(shop, shard) for shard in range(SHARDS)]
        found = listed(shop, reader, tag, since)
        assert since == 0 or all(change.since >= since for change in found)
        people = apply(people, found)
        told += len(found)
        since = min(marks)
        if not shop.more:
            break
        shop.on(step)
    people = apply(people, listed(shop, shop.store, tag, since))  # nothing moves any more
    assert people == shop.holding(tag) == apply(set(), listed(shop, shop.store, tag, 0))
    event(f"told: {min(told, 10)}")


def watermark(shop: Shop, shard: int) -> int:
    return ShardState.decode(shop.store.shard(shard)).watermark


class Overlooking(MemoryStore):
    """What is read by a scan that shows nobody: of those who are written meanwhile it may miss any."""

    def __init__(self, store: MemoryStore) -> None:
        self.__dict__ = store.__dict__

    def profiles(self, partition: int) -> Iterator[tuple[str, bytes]]:
        return iter(())


def test_nobody_is_removed_who_holds_it() -> None:
    shop = Shop([Span([call(1, BEGIN + 1, True)], BEGIN + DAY)])
    shop.on(1)
    left = {"u1": BEGIN + 1, "u2": BEGIN + 1}
    found = [
        change
        for shard in range(SHARDS)
        for change in changes(Overlooking(shop.store), "stage:new", shard, SETTINGS.shop, BEGIN, lambda _: left)
    ]
    [u1] = [change for change in found if change and change.user_id == "u1" and change.action == "add"]
    assert u1.since == BEGIN + 1
    assert (
        sum(change is not None and change.user_id == "u2" and change.action == "remove" for change in found) == SHARDS
    )
