"""Interest in categories: the weights of all events about a category, halved with every half-life since.

A profile keeps eight categories. Which ones, and how strong they are to the step, follows from weights as a profile
stores them: base-2 logarithms in whole steps, counted from a landmark, added in the order of folding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from math import log2
from typing import NamedTuple

from models.features import ShopSettings
from models.kernel.events import Added, Browsed, Reviewed
from models.kernel.settings import DAY
from tests.reference.history import Own, newest

ADDED = 3
"""Weight of putting something of a category into a cart; clicks carry their own."""
KEPT = 8
STEPS = 256
"""Steps of a doubling."""
LANDMARK = 10_957 * DAY

Weights = dict[str, int]


class Liking(NamedTuple):
    """An event about a category."""

    category: str
    weight: int
    e: int


def likings(history: list[Own]) -> Iterator[Liking]:
    """All events about categories."""
    for own in history:
        if isinstance(own.event, Added | Browsed | Reviewed) and own.event.category:
            yield Liking(own.event.category, own.event.weight if isinstance(own.event, Browsed) else ADDED, own.e)


def weights(history: list[Own], settings: ShopSettings) -> Weights:
    """Log weight by category, of those that are kept."""
    found: Weights = {}
    for liking in likings(history):
        found = learned(found, liking, settings)
    return found


def learned(found: Weights, liking: Liking, settings: ShopSettings) -> Weights:
    """The weights after one more event. A ninth category takes the weakest one's place, if it is stronger."""
    category = liking.category
    new = (liking.e - LANDMARK) * STEPS // settings.interest_half_life + round(STEPS * log2(liking.weight))
    if category in found:
        high, low = max(found[category], new), min(found[category], new)
        return found | {category: high + round(STEPS * log2(1 + 2 ** ((low - high) / STEPS)))}
    if len(found) < KEPT:
        return found | {category: new}
    weakest = min(found, key=lambda c: found[c])
    if found[weakest] >= new:
        return found
    return {category if c == weakest else c: new if c == weakest else w for c, w in found.items()}


def interest(history: list[Own], settings: ShopSettings) -> dict[str, float]:
    """Decayed weight by category as of the newest own event, without steps: the sum since the category is kept."""
    found: Weights = {}
    sums: defaultdict[str, float] = defaultdict(float)
    for liking in likings(history):
        found = learned(found, liking, settings)
        sums[liking.category] += liking.weight * 0.5 ** ((newest(history) - liking.e) / settings.interest_half_life)
        for forgotten in sums.keys() - found.keys():
            del sums[forgotten]
    return dict(sums)
