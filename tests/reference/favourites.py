"""Tags `interest:<category>`: the categories a shopper likes best, out of the eight a profile keeps.

Weights are those a profile stores, so that both sides of a threshold are the same to the millisecond: base-2 logarithms
in whole steps, counted from a landmark, added in the order of folding.
"""

from __future__ import annotations

from math import floor, log2

from models.events import Added, Browsed
from models.settings import DAY, Settings
from tests.reference.history import Own
from tests.reference.interest import ADDED

LANDMARK = 10_957 * DAY
STEPS = 256
"""Steps of a doubling."""
KEPT, HELD = 8, 5
WORTH, AHEAD = 406, 82
"""Three times one click, and a quarter more than another category, in steps."""

Weights = dict[str, int]


def weights(history: list[Own], settings: Settings) -> Weights:
    """Log weight by category of the eight that are kept, in the order they came."""
    found: Weights = {}
    for own in history:
        if isinstance(own.event, Added | Browsed) and own.event.category:
            weight = ADDED if isinstance(own.event, Added) else own.event.weight
            since = (own.e - LANDMARK) * STEPS // settings.interest_half_life
            found = learned(found, own.event.category, since + round(STEPS * log2(weight)))
    return found


def learned(found: Weights, category: str, new: int) -> Weights:
    """The weights after one more event of a category. The ninth takes the weakest one's place, if it is stronger."""
    if category in found:
        high, low = max(found[category], new), min(found[category], new)
        return found | {category: high + round(STEPS * log2(1 + 2 ** ((low - high) / STEPS)))}
    if len(found) < KEPT:
        return found | {category: new}
    weakest = min(found, key=lambda c: found[c])
    if found[weakest] >= new:
        return found
    return {category if c == weakest else c: new if c == weakest else w for c, w in found.items()}


def gone_at(weight: int, settings: Settings) -> int:
    """The first ms at which a weight is below one click."""
    return LANDMARK + floor(weight * settings.interest_half_life / STEPS) + 1


def judge(history: list[Own], held: list[str], now: int, settings: Settings) -> list[str]:
    """The favourites, given those held until now."""
    found = weights(history, settings)
    liked = [c for c in held if c in found and now < gone_at(found[c], settings)]
    at = (now - LANDMARK) * STEPS / settings.interest_half_life
    candidates = [c for c in found if c not in liked and found[c] >= at + WORTH]
    for candidate in sorted(candidates, key=lambda c: (-found[c], c)):
        if len(liked) >= HELD:
            weakest = max(liked, key=lambda c: (-found[c], c))
            if found[candidate] <= found[weakest] + AHEAD:
                break
            liked.remove(weakest)
        liked.append(candidate)
    return liked


def over_at(history: list[Own], held: list[str], settings: Settings) -> int | None:
    """When the first of the favourites held is one no more."""
    found = weights(history, settings)
    return min((gone_at(found[c], settings) for c in held if c in found), default=None)
