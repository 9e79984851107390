"""Two writers in any interleaving: the Redis store answers and holds what the one in memory does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis import Redis

from sinks.embedded import EmbeddedServer
from sinks.memory_store import MemoryStore
from sinks.redis_reader import RedisReader
from sinks.redis_store import RedisStore
from sinks.store import Claim, Commit, Store
from tests.sinks.batches import everything
from tests.sinks.conftest import KINDS

USERS = st.sampled_from(["u1", "u2", "ü", "😀", "～", ""])
TIMES = st.integers(0, 40)
BYTES = st.binary(max_size=5)

FIELDS = st.dictionaries(st.sampled_from("abc"), st.integers(-(2**63), 2**63) | st.text("xy"))

FROZEN = st.tuples(st.sampled_from(["cuts", "churn"]), st.integers(1, 2))

COMMITS = st.builds(
    Commit,
    offsets=st.dictionaries(st.sampled_from(["cart", "orders"]), st.integers(0, 9)),
    shard=BYTES,
    profiles=st.dictionaries(USERS, st.none() | BYTES),
    public=st.dictionaries(
        USERS, st.none() | st.dictionaries(st.sampled_from("abc"), st.integers(-(2**63), 2**63) | st.text("xy"))
    ),
    timers=st.dictionaries(USERS, st.none() | TIMES),
    stats=st.dictionaries(st.sampled_from(["events", "h:1"]), st.none() | st.integers(-9, 9) | st.just("[]")),
    vocab=st.dictionaries(st.sampled_from("pqr"), st.integers(0, 9)),
    feed=st.lists(BYTES, max_size=3),
    outbox=BYTES,
    sketches=st.dictionaries(st.sampled_from(["cuts", "churn"]), BYTES),
    frozen=st.dictionaries(FROZEN, st.none() | BYTES),
)
WRITERS = st.sampled_from("ab")
STEPS = st.one_of(
    st.tuples(st.just("claim"), WRITERS, st.integers(1, 2)),
    st.tuples(st.just("apply"), WRITERS, st.sampled_from([0, 0, 0, 1, -1]), COMMITS),
    st.tuples(st.just("repeat"), WRITERS),
    st.tuples(st.just("due"), TIMES, TIMES, st.integers(1, 4)),
    st.tuples(st.just("load"), st.lists(USERS)),
    st.tuples(st.just("frozen"), FROZEN),
)


class Writers:
    """Writers of one shard of a store, each with what it last knew."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.seq = {"a": 0, "b": 0}
        self.last: dict[str, tuple[int, Commit]] = {}
        self.claims = 0

    def do(self, step: tuple[Any, ...]) -> Any:
        """The answer, or the name of the error."""
        kind, *args = step
        try:
            return getattr(self, kind)(*args)
        except Exception as error:
            return type(error).__name__

    def claim(self, writer: str, schema: int) -> Claim:
        claim = self.store.claim(0, writer, schema=schema, partitions=1)
        self.seq[writer] = claim.seq
        return claim

    def apply(self, writer: str, skew: int, commit: Commit) -> Any:
        seq = self.seq[writer] + 1 + skew
        self.last[writer] = seq, commit
        answer = self.store.apply(0, writer, seq, commit)
        if answer.status == "OK":
            self.seq[writer] = seq
        return answer

    def repeat(self, writer: str) -> Any:
        return self.store.apply(0, writer, *self.last[writer]) if writer in self.last else None

    def due(self, start: int, before: int, limit: int) -> Any:
        return self.store.due(0, start, before, limit)

    def frozen(self, name: tuple[str, int]) -> Any:
        return self.store.frozen(0, *name)

    def load(self, users: list[str]) -> Any:
        return self.store.load(0, users)


@pytest.mark.parametrize("kind", KINDS)
def test_redis_does_what_memory_does(kind: str, start_server: Callable[[str], EmbeddedServer]) -> None:
    with Redis.from_url(start_server(kind).url) as client:

        @settings(max_examples=settings().max_examples * 3 // 2)
        @given(st.lists(STEPS, max_size=25))
        def compare(steps: list[tuple[Any, ...]]) -> None:
            namespace = f"m{uuid4().hex[:12]}"
            memory = MemoryStore()
            one, other = Writers(memory), Writers(RedisStore(client, namespace))
            for step in [("claim", "a", 1), *steps]:
                assert one.do(step) == other.do(step)
            assert everything(memory) == everything(RedisReader(client, namespace))

        compare()
