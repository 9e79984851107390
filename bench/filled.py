"""A Redis with any number of shoppers in it, written by commits of the store, without folding each one's history."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import NamedTuple

from bench.progress import Show
from bench.stream import CATEGORIES, Stream
from bench.workers.common import Fold
from models.features import SHOPPERS
from models.kernel.partition import java_partition
from models.kernel.settings import DAY
from models.kernel.shopper import Profile
from models.profile import codec
from models.profile.public import public
from sinks.redis_store import RedisStore
from sinks.shard_state import ShardState
from sinks.store import Commit

EVENTS = 40_000
"""Folded for the patterns: two a shopper."""
PATTERNS = 997
QUIET = 2 * DAY
"""Nothing is due for so long: what is measured must not depend on how many shoppers wait."""
CHUNK = 4_000
TOKEN = "bench"


class Pattern(NamedTuple):
    """A shopper without a name: packed profile, public hash, timer."""

    packed: bytes
    public: dict[str, str | int] | None
    due: int


def patterns(at: int) -> list[Pattern]:
    """Shoppers of all kinds as they are at `at` (ms), to whom nothing happens by itself for a while."""
    fold, profiles = Fold({role: role for role in SHOPPERS.outputs}), dict[str, Profile]()
    for rows in Stream(EVENTS, end=at):
        for *_, value in rows:
            reading = fold.read(value, -1)
            profile = fold.event(profiles.get(reading.shopper), reading)
            assert profile is not None, "the stream has nothing that cannot be read"
            profiles[reading.shopper] = profile
    for user, profile in profiles.items():
        fold.until(user, profile, at)
    quiet = (profile for profile in profiles.values() if profile.due >= at + QUIET)
    return [Pattern(codec.encode(p), public(p), p.due) for p in islice(quiet, PATTERNS)]


def name(number: int) -> str:
    """The id of a shopper."""
    return f"u{number:07d}"


def fill(store: RedisStore, shards: int, shoppers: int, at: int, show: Show) -> None:
    """Write shoppers 0, 1, 2, ... as they may be at `at` (ms), each in the shard its id leads to."""
    made = Filler(store, shards, patterns(at))
    for number in range(shoppers):
        made.add(number)
        if number % CHUNK == 0:
            show(number)
    made.finish()


class Filler:
    """Gathers shoppers by shard, and commits them by the thousands."""

    def __init__(self, store: RedisStore, shards: int, found: list[Pattern]) -> None:
        self._store, self._shards, self._patterns = store, shards, found
        self._waiting: defaultdict[int, dict[str, Pattern]] = defaultdict(dict)
        self._seq: dict[int, int] = {}
        for shard in range(shards):
            claim = store.claim(shard, TOKEN, schema=codec.SCHEMA, partitions=shards)
            self._seq[shard] = claim.seq

    def add(self, number: int) -> None:
        """One more shopper."""
        user = name(number)
        shard = java_partition(user.encode(), self._shards)
        waiting = self._waiting[shard]
        waiting[user] = self._patterns[number % len(self._patterns)]
        if len(waiting) == CHUNK:
            self._commit(shard)

    def finish(self) -> None:
        """Commit what is left."""
        for shard in range(self._shards):
            self._commit(shard)

    def _commit(self, shard: int) -> None:
        waiting = self._waiting.pop(shard, {})
        self._seq[shard] += 1
        commit = Commit(
            offsets={},
            shard=ShardState().encode(),
            profiles={user: pattern.packed for user, pattern in waiting.items()},
            public={user: pattern.public for user, pattern in waiting.items() if pattern.public},
            timers={user: pattern.due for user, pattern in waiting.items()},
            stats={},
            vocab={category: i for i, category in enumerate(CATEGORIES)},
            feed=(),
            outbox=b"",
        )
        applied = self._store.apply(shard, TOKEN, self._seq[shard], commit)
        assert applied.status == "OK", "nobody else has the shard"
