"""Seeded schedules through the whole Faust worker: what is left in Redis and in the output topics is what one
undisturbed fold leaves, whatever befell the workers on the way.

That such a fold means what it should is shown by `tests.test_schedules`, against a plain reference.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from pathlib import Path

from tests.integration.histories import folded
from tests.integration.outcome import differences
from tests.integration.schedule import Schedule
from tests.integration.trial import Trial
from tests.reference.logs import INPUTS

SCHEDULES = 25
MOST = 75
"""So many where chance, on a busy machine, has let 25 pass without some accident."""
WANTED = {"after_fold", "after_apply", "mid_outbox", "before_ack", "crash", "rebalance", "usurped", "repeats"}
TRIALS = 3


def test_through_faust_over_memory_and_a_real_redis(redis_url: str) -> None:
    """Crashes, rebalances, other workers taking over, a store and outputs that fail."""
    logging.disable()  # crashes are told with their tracebacks, and there are hundreds
    met: Counter[str] = Counter()
    try:
        for seed in range(MOST):
            if seed >= SCHEDULES and met.keys() >= WANTED:
                break
            schedule = Schedule(seed, redis_url)
            came_to = asyncio.run(schedule.run())
            assert differences(came_to, folded(schedule.logs, INPUTS)) == [], f"schedule {seed}"
            met.update([*schedule.met, *schedule.fate.seen])
            met["repeats"] += came_to.repeats
    finally:
        logging.disable(logging.NOTSET)
    assert met.keys() >= WANTED


def test_through_kafka(kafka: str, redis_url: str, tmp_path: Path) -> None:
    """Workers that are killed, one after the other: before the acknowledgement, too."""
    trials = [Trial(seed, kafka, redis_url, tmp_path) for seed in range(TRIALS)]
    try:
        for trial in trials:
            trial.begin()
        for kill in range(Trial.KILLS):
            for trial in trials:
                trial.killed(kill)
        for trial in trials:
            assert differences(trial.came_to(), trial.truth) == [], f"trial {trial.seed}"
    finally:
        for trial in trials:
            trial.close()
