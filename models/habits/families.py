"""`active_hour:HH`, `active_weekday:<day>`, `device:<type>`, `channel:<medium>`: when, on what and by which way a
shopper usually comes.

A visit's kind is compared by the mean of its share's posterior (`models.learners.beta`), so that three visits in the
evening do not yet make an evening person where everybody comes in the evening.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from models.kernel.tags import CHANNEL, DEVICE, HOUR, WEEKDAY, Key
from models.kernel.zones import WEEKDAYS as DAYS
from models.learners.beta import BetaCounts

LEAST = 3
"""Observations of a kind without which it is no habit of any family."""
MARGIN = 1.25
"""By how much another kind's mean must exceed that of the one held."""


class Family(NamedTuple):
    """One kind of habit.

    Attributes
    ----------
    name
        What is counted, in the plural: by it states and tables have it.
    key, tag
        Where its keys begin (`models.kernel.tags`), and how its tags are called.
    strength
        Observations the prior is worth.
    prior
        Share of each kind while no table is in force.
    enter, stay
        Posterior means from which a kind is a habit, and down to which it remains one.
    kinds
        All its kinds by their numbers, from 0 on; none: they are names of the vocabulary.
    observed
        What one observation is, in the plural.
    least
        Observations of a kind without which it is no habit.
    """

    name: str
    key: int
    tag: str
    strength: int
    prior: float
    enter: float
    stay: float
    kinds: tuple[str, ...] = ()
    observed: str = "visits"
    least: int = LEAST

    @property
    def enters(self) -> str:
        """When its tags begin, in words."""
        return f"{self.least} or more {self.observed}, expected share {self.enter:.0%} or more"

    @property
    def exits(self) -> str:
        """When its tags end, in words."""
        return f"below {self.stay:.0%}; another one's share is higher by a quarter"


HOURS = Family("hours", HOUR, "active_hour:<hour>", 10, 1 / 24, 0.25, 0.15, tuple(f"{hour:02}" for hour in range(24)))
WEEKDAYS = Family("weekdays", WEEKDAY, "active_weekday:<day>", 20, 1 / 7, 0.30, 0.20, DAYS, "days with a visit", 5)
"""Of visits on one day the first counts: several say no more of the week than one. Of shoppers who come on all days
alike one in 70 enters within 30 days with a visit (one in five would from 25 % on); of those of whose visits
half fall on one weekday, seven in ten within 20."""
DEVICES = Family("devices", DEVICE, "device:<type>", 2, 1 / 3, 0.60, 0.45)
CHANNELS = Family("channels", CHANNEL, "channel:<medium>", 2, 1 / 8, 0.50, 0.35)
FAMILIES = (HOURS, WEEKDAYS, DEVICES, CHANNELS)


def within_reach(family: Family, counts: Sequence[int], highest: float) -> bool:
    """Whether a kind may become a habit at all: one has visits enough, and would have the share by the highest prior.

    Parameters
    ----------
    counts
        The shopper's observations of each kind; at least one.
    highest
        The highest prior of any kind.

    >>> within_reach(HOURS, [3], 1 / 24), within_reach(HOURS, [3] * 8, 1 / 24), within_reach(HOURS, [3] * 8, 0.9)
    (True, False, True)
    """
    most = max(counts)
    return most >= family.least and (most + family.strength * highest) / (sum(counts) + family.strength) >= family.enter


class Evaluation(NamedTuple):
    """The kind that is a habit now (None: none is), and its posterior mean and count, or those of the one that ends."""

    kind: Key | None
    mean: float
    seen: int


def evaluate(family: Family, counts: BetaCounts, held: Key | None, priors: Mapping[Key, float]) -> Evaluation:
    """Which kind is a habit.

    Parameters
    ----------
    counts
        The shopper's observations by kind.
    held
        The kind that was a habit so far.
    priors
        All kinds that may be one, with their shares of the shop's visits; among equals the first wins.
    """
    means = counts.predict_all(priors)
    best = max(means, key=means.__getitem__, default=None)
    mean = means.get(held, 0.0) if held is not None else 0.0
    if best is not None and best != held and means[best] >= family.enter and (n := counts.count(best)) >= family.least:
        challenger = Evaluation(best, means[best], n)
        if held is None or mean < family.stay or challenger.mean > MARGIN * mean:
            return challenger
    if held is None:
        return Evaluation(None, 0.0, 0)
    return Evaluation(held if mean >= family.stay else None, mean, counts.count(held))


def reason(family: Family, evaluation: Evaluation, total: int) -> str:
    """The reason of the tag, as its message gives it."""
    return f"{evaluation.seen} of {total} {family.observed}, expected share {evaluation.mean:.2f}"


class Shares(NamedTuple):
    """The shop's visits.

    Attributes
    ----------
    of
        Each kind's share; a kind that is not there has none.
    busiest
        The kinds, the commonest first.
    highest
        The highest prior of any kind.
    """

    of: Mapping[Key, float]
    busiest: Sequence[Key]
    highest: float


def shares(family: Family, visits: Mapping[Key, int]) -> Shares:
    """Each kind's share of the shop's visits; without any the priors are the family's own.

    >>> shares(DEVICES, {"mobile": 3, "desktop": 1}).of
    {'mobile': 0.75, 'desktop': 0.25}
    """
    total = sum(visits.values())
    if not total:
        return Shares({}, (), family.prior)
    found = {kind: n / total for kind, n in visits.items()}
    busiest = sorted(found, key=lambda kind: -found[kind])
    return Shares(found, busiest, found[busiest[0]])
