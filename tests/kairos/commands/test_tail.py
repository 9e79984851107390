"""`kairos tail` on Redis: each record of the topic once, as it comes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from itertools import islice

import pytest
from typer.testing import Result

from kairos import wiring
from kairos.commands import tail
from kairos.config.settings import load
from kairos.demo import run_file
from kairos.demo.inputs import KEPT, Inputs
from sinks.memory_store import MemoryStore
from sinks.redis_store import RedisStore
from sinks.store import Commit
from tests.conftest import Run


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
    monkeypatch.setattr("kairos.commands.tail.time.sleep", feed.more)
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


def test_without_kafka_workers_leave_their_outputs_only(run: Run) -> None:
    result = run("tail", "cart", REDIS_URL="redis://127.0.0.1:1/0")
    assert result.exit_code == 1
    assert "cart is in Kafka: set KAFKA_URL to follow it; in Redis there are only user-tags, " in result.stderr


def test_a_topic_by_its_role_or_its_name() -> None:
    settings = load({"KAIROS_TOPIC_USER_TAGS": "tags-2", "KAIROS_TOPICS_CART": "basket,cart-2"})
    assert tail.names(settings, "user-tags") == tail.names(settings, "tags-2") == ("tags-2",)
    assert tail.names(settings, "cart") == ("basket", "cart-2")
    assert tail.names(settings, "cart-2") == ("cart-2",)
    assert [tail.role(settings, topic) for topic in ("user-tags", "tags-2", "cart")] == ["user-tags", "user-tags", None]


@pytest.fixture
def demo(redis_url: str, run: Run) -> Iterator[Inputs]:
    """A demo, as far as other commands see one: its Redis, and its file in this folder."""
    namespace = f"demo-{uuid.uuid4().hex[:8]}"
    with run_file.written(redis_url, 4, namespace), wiring.client(redis_url) as client:
        RedisStore(client, namespace).claim(0, "t", schema=1, partitions=4)
        yield Inputs(client, namespace)


TOPICS = ["clickstream", "cart", "orders"]


def event(number: int) -> bytes:
    call = {"type": "page", "userId": f"u{number}", "messageId": str(number), "timestamp": "2026-11-21T10:15:00Z"}
    return json.dumps(call).encode()


@pytest.mark.parametrize("elsewhere", [{}, {"KAFKA_URL": "127.0.0.1:1", "REDIS_URL": "redis://127.0.0.1:1/0"}])
def test_inputs_of_a_demo(demo: Inputs, run: Run, monkeypatch: pytest.MonkeyPatch, elsewhere: dict[str, str]) -> None:
    demo.keep([(0, 0, b"u1", event(1)), (0, 1, b"u2", event(2)), (0, 0, b"u3", event(3))], TOPICS)
    options = ["--demo"] if elsewhere else []
    late = [[(0, 0, b"u4", event(4))], []]

    def more(_seconds: float) -> None:
        if not late:
            raise KeyboardInterrupt
        demo.keep(late.pop(0), TOPICS)

    monkeypatch.setattr("kairos.commands.tail.time.sleep", more)
    assert shoppers(run("tail", "clickstream", *options, **elsewhere)) == ["u4"]
    assert shoppers(run("tail", "clickstream", "--from-start", *options, **elsewhere)) == ["u1", "u3", "u4"]
    assert shoppers(run("tail", "cart", "--from-start", *options, **elsewhere)) == ["u2"]
    wrong = run("tail", "nosuch", *options, **elsewhere)
    assert "kairos: a demo has no topic nosuch: only clickstream, cart, orders, user-tags, " in wrong.stderr


def shoppers(result: Result) -> list[str]:
    assert "a demo runs" not in result.stderr
    return [line.split()[2] for line in result.stdout.splitlines()]


def test_a_demo_keeps_so_many_events_and_no_more(demo: Inputs) -> None:
    demo.keep([(0, 0, b"u1", event(number)) for number in range(3 * KEPT)], TOPICS)
    kept = demo.after("clickstream", "0-0")
    assert KEPT <= len(kept) < 1.2 * KEPT
    assert kept[-1] == (demo.newest("clickstream"), event(3 * KEPT - 1))


def test_who_follows_something_else_is_told_of_the_demo_once(demo: Inputs, run: Run) -> None:
    result = run("tail", "clickstream", KAFKA_URL="127.0.0.1:1", KAIROS_TOPIC_USER_TAGS="t")
    assert result.exit_code == 1
    assert result.stderr.count("a demo runs in this folder: `--demo` looks into it") == 1
    alone = run("tail", "dead-letters", REDIS_URL="redis://127.0.0.1:1/0")
    assert alone.stderr.count("a demo runs in this folder: `--demo` looks into it") == 1
