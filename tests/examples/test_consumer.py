"""examples/consumer.py on a real Redis, with a clock of the test's own."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from redis import Redis

from examples import consumer
from kairos.config.settings import load
from kairos.replay import ticks
from kairos.replay.local import Local
from kairos.replay.segment import Segment
from models.kernel.outputs import Output
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from tests.examples.messages import DAY, cleared, closing, raised, trigger
from tests.kairos.contract.judges import judge

EVENTS = Path(__file__).parents[2] / "docs" / "events.jsonl"
T = 1_800_000_000_000
HOLD = 60_000


class Town:
    """Actions with a clock (`now`, ms), and what was done."""

    def __init__(self, redis: Redis) -> None:
        self.redis, self.now = redis, T
        self.name = uuid.uuid4().hex
        self.actions = self.another()
        self.done: list[str] = []
        self.retracted: list[str] = []

    def another(self, hold: int = HOLD) -> consumer.Actions:
        """One more process of the same group."""
        return consumer.Actions(self.redis, hold / 1000, lambda: self.now / 1000, self.name)

    def take(self, message: Output) -> str:
        return self.actions.take(json.loads(msgspec.json.encode(message)))

    def act(self, later: int = 0) -> list[str]:
        """What is done so much later (ms)."""
        self.now += later
        before = len(self.done)
        self.actions.act()
        return self.done[before:]


@pytest.fixture
def town(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    with Redis.from_url(redis_url) as redis:
        town = Town(redis)
        monkeypatch.setattr(consumer, "act", lambda message: town.done.append(message["id"]))
        monkeypatch.setattr(consumer, "retract", town.retracted.append)
        yield town


def test_the_messages_of_these_tests_are_as_the_contract_says() -> None:
    left, alert = trigger("u", T), raised("u", T)
    closings = [closing(left, kind) for kind in ("cancelled", "expired")]
    for topic, messages in {"cart-abandonments": [left, *closings], "churn-alerts": [alert, cleared(alert)]}.items():
        values = json.loads(msgspec.json.encode(messages))
        assert [error.message for value in values for error in judge(f"{topic}.json").iter_errors(value)] == []


def test_an_action_is_held_back_and_then_done_once(town: Town) -> None:
    left = trigger("u1", T)
    assert [town.take(left), town.take(left)] == ["queued", "repeat"]
    assert town.act() == town.act(HOLD - 1) == []
    assert town.act(1) == [left.id]
    assert town.take(left) == "repeat"
    assert town.act(HOLD) == []


def test_actions_come_in_the_order_of_arrival(town: Town) -> None:
    told = [trigger(user, T) for user in ("u9", "u1", "u5")]
    for message in told:
        town.take(message)
        town.now += 1
    assert town.act(HOLD) == [message.id for message in told]


@pytest.mark.parametrize("kind", ["recovered", "cancelled", "expired"])
def test_what_has_ended_is_taken_back(town: Town, kind: str) -> None:
    left, other = trigger("u1", T), trigger("u1", T, cart="c2")
    assert [town.take(left), town.take(other), town.take(closing(left, kind))] == ["queued", "queued", "ended"]
    assert town.act(HOLD) == [other.id]
    assert town.retracted == ([left.id] if kind == "cancelled" else [])


def test_what_was_retracted_before_it_came_is_not_done(town: Town) -> None:
    left, alert = trigger("u1", T), raised("u1", T)
    for message in (closing(left, "cancelled"), cleared(alert)):
        assert [town.take(message), town.take(message)] == ["ended", "repeat"]
    assert [town.take(left), town.take(alert)] == ["repeat", "repeat"]
    assert town.act(HOLD) == []
    assert town.retracted == [left.id, alert.id]


def test_a_late_repeat_of_an_end_does_not_take_back_what_came_after(town: Town) -> None:
    alert = raised("u1", T)
    newer = raised("u1", T + DAY)
    for message in (alert, cleared(alert), newer, cleared(alert)):
        town.take(message)
    assert town.act(HOLD) == [newer.id]


def test_what_has_expired_is_dropped_also_in_the_queue(town: Town) -> None:
    assert town.take(trigger("u1", T - DAY)) == "expired"
    assert town.take(trigger("u2", T - DAY + HOLD)) == "queued"
    assert town.act(HOLD) == []


def test_an_id_is_remembered_as_long_as_anything_asks_for_action(town: Town) -> None:
    alert = raised("u1", T)
    town.take(alert)
    assert alert.expires_at is not None
    lives = (alert.expires_at - T) / 1000
    assert {town.redis.ttl(key) > lives for key in town.redis.scan_iter(f"*{town.name}*:said:*")} == {True}


def test_two_processes_do_it_once(town: Town) -> None:
    told = [trigger(f"u{number}", T) for number in range(200)]
    for message in told:
        town.take(message)
    town.now += HOLD
    for each in (town.another(), town.actions, town.another()):
        each.act()
    assert sorted(town.done) == sorted(message.id for message in told)


def test_after_a_crash_while_acting_the_rest_is_done_and_nothing_twice(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [trigger(f"u{number}", T) for number in range(3)]
    for message in told:
        town.take(message)
        town.now += 1

    def crash(message: dict[str, Any]) -> None:
        town.done.append(message["id"])
        raise ConnectionError

    with monkeypatch.context() as crashing:
        crashing.setattr(consumer, "act", crash)
        with pytest.raises(ConnectionError):
            town.act(HOLD)
    assert [town.take(message) for message in told] == ["repeat"] * 3
    town.act()
    assert town.done == [message.id for message in told]


def test_what_kairos_really_says_ends_as_it_should(town: Town) -> None:
    """Held back for an hour, of docs/events.jsonl exactly those are acted on that did not end within it."""
    outputs = MemoryOutputs()
    rows = Segment([str(EVENTS)], load({}).shop)
    Local(load({}), 2, MemoryStore(), outputs).run(ticks.spans(rows, until=T))
    said = [json.loads(message.value) for _, message in outputs.messages if message.topic in consumer.TOPICS]
    said.sort(key=lambda message: message["as_of"])
    hold = 3_600_000
    actions = town.another(hold)
    town.now = said[0]["as_of"]
    for message in said:
        while town.now + hold < message["as_of"]:  # it looks again and again meanwhile
            town.now += hold
            actions.act()
        town.now = message["as_of"]
        actions.act()
        actions.take(message)
    town.now += hold
    actions.act()
    asked = [message for message in said if message["kind"] in ("triggered", "raised")]
    assert town.done == [asking["id"] for asking in asked if not ended(asking, said, hold)] != []
    assert any(ended(asking, said, hold) for asking in asked)


def ended(asking: dict[str, Any], said: list[dict[str, Any]], within: int) -> bool:
    """Whether an order, or whatever it was, came before the action."""
    after = [m for m in said if m["user_id"] == asking["user_id"] and 0 <= m["as_of"] - asking["as_of"] < within]
    return any(m["kind"] in ("recovered", "cancelled", "cleared") and same(m, asking) for m in after)


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """About the same cart, or both about the shopper."""
    return [one.get(name) for name in ("cart_id", "anchor")] == [other.get(name) for name in ("cart_id", "anchor")]


@pytest.mark.parametrize("missing", ["KAFKA_URL", "REDIS_URL"])
def test_it_says_which_server_it_was_not_told(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("KAFKA_URL", "REDIS_URL"):
        monkeypatch.setenv(name, "" if name == missing else "127.0.0.1:1")
    monkeypatch.setattr("sys.argv", ["consumer.py"])
    with pytest.raises(SystemExit, match="2"):
        consumer.main()
    assert f"{missing} is not set" in capsys.readouterr().err
