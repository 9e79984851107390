"""Three months of a real shop through real Kafka and Redis, with workers that die, stop and come and go.

Whatever befalls them, profiles, counters and outputs are those of one undisturbed fold in one process. What befalls
them is placed by counts of batches, never by time.
"""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.integration import ga360
from tests.integration.fleet import Fleet
from tests.integration.outcome import differences
from tests.integration.servers import RedisServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]  # the first test loads the events, too


@pytest.fixture(scope="module")
def loaded(kafka: str) -> ga360.Loaded:
    if not ga360.file().exists():
        pytest.skip(f"no {ga360.file()} (KAIROS_GA360 names another place)")
    return ga360.loaded(kafka, ga360.file())


@pytest.fixture
def run(loaded: ga360.Loaded, tmp_path: Path) -> Iterator[ga360.Run]:
    with RedisServer() as server:
        run = ga360.Run(loaded, server.url, tmp_path)
        with run.fleet:
            yield run


def finished(run: ga360.Run) -> int:
    """Everything is as in the undisturbed fold; answers how many outputs were repeated."""
    came_to = run.finish()
    assert differences(came_to, run.truth.outcome) == []
    return came_to.repeats


def test_a_worker_killed_three_times(run: ga360.Run) -> None:
    """Between fold and APPLY, after APPLY with nothing published, and in the middle of its outputs."""
    chance = random.Random(1)
    fleet = run.fleet
    fleet.start()
    fleet.start()
    for point in ("after_fold", "after_apply", "mid_outbox"):
        victim = fleet.start(f"{point}:{chance.randint(10, 60)}:kill")
        fleet.killed(victim)
    fleet.start()
    assert finished(run) > 0  # what was published before the last kill came again


def test_a_zombie(run: ga360.Run) -> None:
    """A worker stopped between fold and APPLY goes on after others took its shards over: its APPLY is refused."""
    fleet = run.fleet
    zombie = fleet.start(f"after_fold:{random.Random(2).randint(30, 90)}:stop")
    fleet.start()
    fleet.start()
    fleet.until(lambda: zombie.stopped)
    held = zombie.claims[-1]
    before = fleet.tokens(held)
    fleet.until(lambda: all(token != before[shard] for shard, token in fleet.tokens(held).items()))
    claims = len(zombie.claims)
    zombie.signal(signal.SIGCONT)
    fleet.until(lambda: "another owner has claimed shard" in zombie.said)
    assert ": FENCED)" in zombie.said
    fleet.until(lambda: len(zombie.claims) > claims)  # it is a member again, and works
    finished(run)


def test_workers_join_and_leave(run: ga360.Run) -> None:
    """1 → 3 → 2 → 3 → 2, each step after so many more batches."""
    chance = random.Random(3)
    fleet = run.fleet
    fleet.start()
    for change in (+2, -1, +1, -1):
        goal = fleet.applied() + chance.randint(20, 80)
        fleet.until(lambda goal=goal: fleet.applied() >= goal)
        if change > 0:
            join(fleet, change)
        else:
            leave(fleet, -change, chance)
    finished(run)


def test_given_tables_are_judged_by(run: ga360.Run) -> None:
    """Cuts nobody would compute, for every other day; the days between are computed. A kill in between."""
    odd = [msgspec.structs.replace(table, recency=(1, 2, 5, 9)) for table in run.truth.tables[::2]]
    before = run.truth.report["segments"]
    run.give(odd)
    assert run.truth.report["segments"] != before
    fleet = run.fleet
    fleet.start()
    fleet.start()
    fleet.killed(fleet.start(f"after_apply:{random.Random(4).randint(30, 90)}:kill"))
    fleet.start()
    finished(run)


def join(fleet: Fleet, count: int) -> None:
    """So many more, each with a share of the shards."""
    new = [fleet.start() for _ in range(count)]
    fleet.until(lambda: all(member.claims for member in new))


def leave(fleet: Fleet, count: int, chance: random.Random) -> None:
    """So many fewer."""
    for member in chance.sample([member for member in fleet.members if member.alive], count):
        assert member.stop() == 0
