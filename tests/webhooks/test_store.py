"""What senders keep: in Redis and in memory alike."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from sinks.webhooks.delivery_store import ENDED, Change, Claimed, DeliveryStore, Switch
from sinks.webhooks.memory_deliveries import MemoryDeliveryStore
from sinks.webhooks.message import Place
from sinks.webhooks.redis_deliveries import RedisDeliveryStore

CARTS, CHURN = Place("cart-abandonments", 3), Place("churn-alerts", 0)


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.servers)])
def store(request: pytest.FixtureRequest) -> Iterator[DeliveryStore]:
    if request.param == "memory":
        yield MemoryDeliveryStore()
        return
    with Redis.from_url(request.getfixturevalue("redis_url")) as client:
        yield RedisDeliveryStore(client, f"t{uuid4().hex[:10]}")


def test_a_claim_gets_what_the_last_sender_left(store: DeliveryStore) -> None:
    assert store.offset("crm", CARTS) is None
    assert store.claim("crm", CARTS, "one", 7) == Claimed(7, 7)
    assert store.commit("crm", CARTS, "one", Change(1, 8, 12, {9: b"nine", 10: b"ten"})) == "OK"
    assert store.commit("crm", CARTS, "one", Change(2, 11, 12, {10: b"again"}, (9,))) == "OK"
    assert store.claim("crm", CARTS, "two", 99) == Claimed(11, 12, {10: b"again"})
    assert store.offset("crm", CARTS) == 11
    assert store.claim("crm", CHURN, "two", 5) == Claimed(5, 5)
    assert store.claim("ads", CARTS, "two", 6) == Claimed(6, 6)


def test_a_repeat_changes_nothing_and_a_former_sender_neither(store: DeliveryStore) -> None:
    store.claim("crm", CARTS, "one", 0)
    change = Change(1, 1, 1, ended=(b"a", b"b"), counts={"delivered": 2})
    assert [store.commit("crm", CARTS, "one", change) for _ in range(2)] == ["OK", "OK"]
    assert store.counts("crm") == {"delivered": 2}
    assert store.commit("crm", CARTS, "one", Change(3, 9, 9)) == "FENCED"
    store.claim("crm", CARTS, "two", 0)
    assert store.commit("crm", CARTS, "one", Change(2, 9, 9, counts={"delivered": 9})) == "FENCED"
    assert store.claim("crm", CARTS, "three", 0) == Claimed(1, 1)
    assert store.counts("crm") == {"delivered": 2}


def test_what_is_remembered(store: DeliveryStore) -> None:
    store.claim("crm", CARTS, "one", 0)
    store.commit("crm", CARTS, "one", Change(1, 1, 1, unsent=("a", "b")))
    store.commit("crm", CARTS, "one", Change(2, 1, 1, unsent=("c",), sent=("a",)))
    assert set(store.unsent("crm")) == {"b", "c"}
    store.retract(CARTS, ["x", "y"], 5)
    store.retract(CARTS, ["z"], 6)
    assert store.retracted(CARTS) == ["x", "y", "z"]
    assert store.retracted(CHURN) == []
    assert store.switched("crm") is None
    store.switch("crm", off := Switch(5, "answered 410", "m"))
    assert store.switched("crm") == off
    store.switch("crm", None)
    assert store.switched("crm") is None


@pytest.mark.servers
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 3), st.dictionaries(st.integers(0, 9), st.binary(max_size=4)),
                                  st.lists(st.integers(0, 9)), st.integers(0, ENDED)), max_size=6))  # fmt: skip
def test_redis_does_what_memory_does(
    redis_url: str, changes: list[tuple[int, dict[int, bytes], list[int], int]]
) -> None:
    memory = MemoryDeliveryStore()
    with Redis.from_url(redis_url) as client:
        redis = RedisDeliveryStore(client, f"t{uuid4().hex[:10]}")
        answers = []
        for store in (memory, redis):
            found = [store.claim("crm", CARTS, "t", 0)]
            for skip, keep, drop, count in changes:
                change = Change(1 + skip, skip, skip, keep, tuple(drop), counts={"n": count})
                found.append((store.commit("crm", CARTS, "t", change), store.counts("crm")))
            answers.append([*found, store.claim("crm", CARTS, "u", 0)])
        assert answers[0] == answers[1]
