"""When a buyer buys again: BG/NBD, see `kairos.simulate.settings.Loyalty`."""

from __future__ import annotations

from kairos.simulate.people import Person
from kairos.simulate.visit import Floor
from models.kernel.settings import DAY

WEEK = 7.0
NEVER = 3650.0
"""Days beyond which a purchase is none."""
ABSENCE = (90.0, 60.0)
"""Days a buyer who was gone stays away, at least, and beyond that in the mean."""


def next_purchase(floor: Floor, person: Person, at: int) -> int | None:
    """When the next purchase after the one at `at` (ms) is; None if there is none. `person.buys` counts that one."""
    draws, loyalty = floor.draws, floor.settings.loyalty
    if person.buys == 1:
        person.rate = draws.gamma(loyalty.r) / loyalty.alpha / WEEK
        person.dropout = draws.beta(loyalty.a, loyalty.b)
    elif draws.chance(person.dropout):
        if not draws.chance(loyalty.comeback):
            return None
        return person.at(at, ABSENCE[0] + draws.exponential(ABSENCE[1]), draws)
    if person.rate * NEVER < 1e-9:
        return None
    days = draws.exponential(1 / person.rate)
    return None if days > NEVER else person.at(at, _stretched(at, days, floor.settings.drift), draws)


def _stretched(at: int, days: float, drift: int | None) -> float:
    """The gap where time after the drift counts half.

    >>> _stretched(0, 10.0, None), _stretched(0, 10.0, 4 * DAY), _stretched(0, 10.0, 0)
    (10.0, 16.0, 20.0)
    """
    if drift is None:
        return days
    before = max(0.0, (drift - at) / DAY)
    return days if days <= before else before + 2 * (days - before)
