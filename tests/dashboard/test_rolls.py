"""Rolls of tags: the newest who hold one, made once for all who ask, and what becomes of them if the store is away."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from dashboard import rolls
from dashboard.rolls import Rolls
from models.features import ShopSettings
from models.kernel.shopper import Profile
from models.kernel.tags import HOUR
from models.profile import codec
from sinks.memory_store import MemoryStore
from sinks.store import Unavailable
from tests.sinks.batches import batch

USERS = 1_234
TAG = "active_hour:09"


class Watched(MemoryStore):
    """Counts how often all profiles of a shard are asked for; may be away, or slow."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.away = False
        self.gate = threading.Event()
        self.gate.set()

    def profiles(self, partition: int) -> Iterator[tuple[str, bytes]]:
        self.asked += 1
        if self.away:
            raise Unavailable("gone fishing")
        for found in super().profiles(partition):
            self.gate.wait()
            yield found


@pytest.fixture
def store() -> Watched:
    """Two shards; every third shopper holds the tag, each since another time."""
    found = Watched()
    for shard in range(2):
        found.claim(shard, "a", schema=3, partitions=2)
        users = [f"u{number}" for number in range(USERS) if number % 2 == shard]
        packed = {user: codec.encode(_profile(int(user[1:]))) for user in users}
        found.apply(shard, "a", 1, batch(profiles=packed, timers=dict.fromkeys(users, 10**12)))
    return found


def _profile(number: int) -> Profile:
    return Profile(1, 2, tags=[HOUR + 9, 10**9 + number] if number % 3 == 0 else None)


def asked(store: Watched, *tags: str, **how: Any) -> list[rolls.Roll]:
    async def run() -> list[rolls.Roll]:
        made = Rolls(store, ShopSettings())
        found = await asyncio.gather(*(made.get(tag, **how) for tag in tags))
        store.gate.set()
        await made.close()
        return list(found)

    return asyncio.run(run())


def test_all_who_hold_it_newest_first(store: Watched) -> None:
    (roll,) = asked(store, TAG, patience=60)
    assert [member.user_id for member in roll.members] == [f"u{n}" for n in reversed(range(0, USERS, 3))]
    assert (roll.holders, roll.seen, roll.problem) == (len(range(0, USERS, 3)), USERS, "")


def test_of_many_only_the_newest_are_kept(store: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolls, "MOST", 10)
    (roll,) = asked(store, TAG, patience=60)
    assert [member.user_id for member in roll.members] == [f"u{n}" for n in (1233, *range(1230, 1203, -3))]
    assert roll.holders == len(range(0, USERS, 3))


def test_all_who_ask_share_one_look(store: Watched) -> None:
    first, second, other = asked(store, TAG, TAG, "bot", patience=60)
    assert first is second
    assert (store.asked, other.members, other.seen) == (4, (), USERS)


def test_who_is_impatient_hears_how_far_it_came(store: Watched) -> None:
    store.gate.clear()
    (roll,) = asked(store, TAG, patience=0.05)
    assert roll.seen < USERS


def test_a_roll_is_made_anew_after_a_while_and_after_a_problem(store: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> list[rolls.Roll]:
        made, found = Rolls(store, ShopSettings()), []
        for away, fresh in ((True, 60.0), (False, 60.0), (True, 60.0), (True, -1.0)):
            store.away = away
            monkeypatch.setattr(rolls, "FRESH", fresh)
            found.append(await made.get(TAG, patience=60))
        await made.close()
        return found

    failed, good, kept, again = asyncio.run(run())
    assert failed.problem == "gone fishing"
    assert good.members
    assert kept is good
    assert again.problem == "gone fishing"
