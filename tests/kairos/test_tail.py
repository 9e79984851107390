"""`kairos tail` on a feed: each output of the topic once, as it comes."""

from __future__ import annotations

import json
from itertools import islice

import pytest

from kairos import tail
from kairos.errors import TopicError
from kairos.settings import load
from sinks.memory_store import MemoryStore
from sinks.store import Commit


class Feed:
    """A store to which outputs are committed while it is read: at each look of `tail`, one more batch."""

    def __init__(self, *batches: list[bytes]) -> None:
        self.store = MemoryStore()
        self.batches = list(batches)
        self.seq = 0
        for partition in range(2):
            self.store.claim(partition, "t", schema=1, partitions=2)

    def more(self, _seconds: float = 0.0) -> None:
        if not self.batches:
            raise StopIteration
        for partition in range(2):
            feed = self.batches.pop(0) if partition == 0 else []
            commit = Commit({}, b"", {}, {}, {}, {}, {}, feed, b"")
            self.store.apply(partition, "t", self.seq + 1, commit)
        self.seq += 1


def entry(at: int, topic: str = "user-tags") -> bytes:
    return json.dumps({"topic": topic, "message": {"as_of": at}}).encode()


def times(feed: Feed, monkeypatch: pytest.MonkeyPatch, count: int, **options: bool) -> list[int]:
    monkeypatch.setattr("kairos.tail.time.sleep", feed.more)
    values = tail.feed(feed.store, "user-tags", **options)
    return [json.loads(value)["as_of"] for value in islice(values, count)]


def test_new_outputs_of_the_topic_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = Feed([entry(1)], [entry(4), entry(3), entry(2, "churn-alerts")], [entry(5)])
    feed.more()
    assert times(feed, monkeypatch, 3) == [3, 4, 5]


def test_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = Feed([entry(1)], [entry(2)])
    feed.more()
    assert times(feed, monkeypatch, 2, from_start=True) == [1, 2]


def test_inputs_are_not_in_the_feed() -> None:
    with pytest.raises(TopicError, match="user-tags"):
        next(tail.feed(MemoryStore(), "cart"))


def test_an_output_by_its_role_or_its_name() -> None:
    settings = load({"KAIROS_TOPIC_USER_TAGS": "tags-2"})
    assert [tail.name(settings, topic) for topic in ("user-tags", "tags-2", "cart")] == ["tags-2", "tags-2", "cart"]
