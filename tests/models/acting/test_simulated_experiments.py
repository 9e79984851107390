"""A thousand experiments with a tenth held out and a look every 200 carts: how often chance is taken for an effect, how
often an interval misses the truth, and how soon an effect is found."""

from __future__ import annotations

from math import log, sqrt
from statistics import median
from typing import NamedTuple

import numpy as np
import pytest

from models.acting import planning
from models.acting.confidence_sequence import difference
from models.acting.lift import ALPHA, Arms, Tally, lift
from models.acting.rate_ratio import log_e_value

pytestmark = pytest.mark.slow

RUNS, EVERY, SHARE = 1_000, 200, 0.1
ALLOWED = RUNS * ALPHA + 2 * sqrt(RUNS * ALPHA * (1 - ALPHA))
"""Of a thousand: 5 %, and two standard errors of such a count."""
Look = tuple[int, int, int, int]
"""Begun and converted: treated, held out."""


class Found(NamedTuple):
    """Runs that were decided, by each way the look at which; runs in which an interval ever missed the truth; and those
    that a test for one look would have decided."""

    exact: dict[int, Look]
    approximate: dict[int, Look]
    missed_exact: int
    missed_approximate: int
    naive: int


def looks(rate: float, ratio: float, carts: int) -> np.ndarray:
    """Runs × looks × (begun, converted of the treated; of the holdout), so far."""
    chance = np.random.default_rng(20_261_128)
    begun0 = chance.binomial(EVERY, SHARE, (RUNS, carts // EVERY))
    begun1 = EVERY - begun0
    each = begun1, chance.binomial(begun1, rate * ratio), begun0, chance.binomial(begun0, rate)
    return np.stack([part.cumsum(axis=1) for part in each], axis=2)


def ever(rate: float, ratio: float, carts: int) -> Found:
    """Look at all of them until the end, by the engine's own functions."""
    exact: dict[int, Look] = {}
    approximate: dict[int, Look] = {}
    missed_exact, missed_approximate, naive = set(), set(), set()
    for run, rows in enumerate(looks(rate, ratio, carts).tolist()):
        for n1, x1, n0, x0 in rows:
            if x1 + x0 < planning.SHOWN or x0 < planning.SHOWN_HOLDOUT:
                continue
            low, high = difference((n1, x1), (n0, x0), ALPHA)
            if low > 0 or high < 0:
                approximate.setdefault(run, (n1, x1, n0, x0))
            if not low <= rate * (ratio - 1) <= high:
                missed_approximate.add(run)
            if log_e_value(x1, x0, SHARE) >= -log(ALPHA):
                exact.setdefault(run, (n1, x1, n0, x0))
            if log_e_value(x1, x0, SHARE, log(ratio)) >= -log(ALPHA):
                missed_exact.add(run)
            pooled = (x1 + x0) / (n1 + n0)
            if abs(x1 / n1 - x0 / n0) > 1.96 * sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n0)):
                naive.add(run)
    return Found(exact, approximate, len(missed_exact), len(missed_approximate), len(naive))


def trials(found: dict[int, Look]) -> float:
    """Carts by which half of all runs were decided."""
    return median([*(look[0] + look[2] for look in found.values()), *[10**9] * (RUNS - len(found))])


@pytest.mark.parametrize(("rate", "carts"), [(0.05, 40_000), (0.015, 40_000)])
def test_without_an_effect_one_is_told_in_one_of_twenty_at_most(rate: float, carts: int) -> None:
    found = ever(rate, 1.0, carts)
    assert len(found.exact) <= RUNS * ALPHA
    assert len(found.approximate) <= ALLOWED
    assert found.naive > 0.25 * RUNS, "by a test for one look it would be in one of three"


def test_an_effect_is_found_and_its_size_is_within_the_interval() -> None:
    found = ever(0.05, 1.3, 40_000)
    assert found.missed_exact <= RUNS * ALPHA
    assert found.missed_approximate <= ALLOWED
    assert len(found.exact) > 0.75 * RUNS
    assert 14_000 < trials(found.approximate) < trials(found.exact) < 27_000
    for run in list(found.exact)[:50]:
        n1, x1, n0, x0 = found.exact[run]
        assert lift(Arms(Tally(n1, x1), Tally(n0, x0)), SHARE).verdict == ("helps" if x1 / n1 > x0 / n0 else "harms")


def test_two_of_three_are_decided_by_as_many_as_are_planned() -> None:
    """Planned after the first 20,000 carts, from what they come to on average."""
    carts = 20_000 + (planning.more_trials(1_170, 100, 20_000, SHARE, ALPHA) or 0)
    by_then = sum(look[0] + look[2] <= carts for look in ever(0.05, 1.3, 40_000).exact.values())
    assert 0.55 * RUNS < by_then < 0.8 * RUNS
