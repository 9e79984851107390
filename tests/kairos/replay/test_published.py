"""A dump after `replay --wait` waits for the last outboxes: they are published after the watermark is committed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from kairos.config.settings import load
from kairos.errors import ReplayError
from kairos.replay import published

SETTINGS = load({"KAIROS_TOPIC_USER_TAGS": "tags-2"})


class Record(NamedTuple):
    key: bytes | None
    value: bytes | None


def record(number: int, **more: object) -> Record:
    return Record(b"u1", json.dumps({"id": str(number)} | more).encode())


class Broker:
    """Topics, and a clock; each pause brings what comes next."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, topics: dict[str, list[Record]], *coming: tuple[str, Record]):
        self.topics = {topic: topics.get(topic, []) for topic in SETTINGS.outputs.values()}
        self.coming = list(coming)
        self.now = 0.0
        self.reads: Counter[str] = Counter()
        monkeypatch.setattr(published, "read", self.read)
        monkeypatch.setattr(published, "time", self)

    def read(self, _settings: object, topic: str) -> Iterator[Record]:
        self.reads[topic] += 1
        yield from self.topics[topic]

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.coming:
            topic, late = self.coming.pop(0)
            self.topics[topic].append(late)


def counted(**roles: int) -> dict[str, Counter[str]]:
    return {role.replace("_", "-"): Counter({"one": count - 1, "other": 1}) for role, count in roles.items()}


def ids(said: list[published.PublishedOutput]) -> list[str]:
    return [f"{role} {json.loads(value)['id']}" for role, _, value in said]


def test_what_is_all_there_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = Broker(monkeypatch, {"tags-2": [record(1), record(1), record(2)], "churn-alerts": [record(3)]})
    found = published.published(SETTINGS, counted(user_tags=2))
    assert ids(found) == ["user-tags 1", "user-tags 1", "user-tags 2", "churn-alerts 3"]
    assert set(broker.reads.values()) == {1}
    assert broker.now == 0


def test_it_waits_for_the_last_of_each_topic_and_repeats_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    late = ("tags-2", record(1)), ("churn-alerts", record(3)), ("tags-2", record(2))
    broker = Broker(monkeypatch, {"tags-2": [record(1)]}, *late)
    found = published.published(SETTINGS, counted(user_tags=2, churn_alerts=1))
    assert ids(found) == ["user-tags 1", "user-tags 1", "user-tags 2", "churn-alerts 3"]
    assert (broker.reads["tags-2"], broker.reads["churn-alerts"], broker.reads["dead-letters"]) == (4, 3, 1)


def test_the_same_garbage_in_two_partitions_counts_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = [record(1, topic="cart", partition=partition, offset=0) for partition in (0, 1)]
    Broker(monkeypatch, {"dead-letters": letters[:1]}, ("dead-letters", letters[1]))
    assert len(published.published(SETTINGS, counted(dead_letters=2))) == 2


def test_what_never_comes_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = Broker(monkeypatch, {"tags-2": [record(1), Record(b"u1", None)], "churn-alerts": [record(3)]})
    with pytest.raises(ReplayError, match=r"after 30 s: user-tags 1 of 3, dead-letters 0 of 1\."):
        published.published(SETTINGS, counted(user_tags=3, churn_alerts=1, dead_letters=1))
    assert broker.now == published.WITHIN
