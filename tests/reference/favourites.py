"""Tags `interest:<category>`: the categories a shopper likes best, out of the eight a profile keeps.

They are judged by the weights as stored, so that both sides of a threshold are the same to the millisecond.
"""

from __future__ import annotations

from math import floor

from models.features import ShopSettings
from tests.reference.history import Own
from tests.reference.interest import LANDMARK, STEPS, weights

HELD = 5
WORTH, AHEAD = 406, 82
"""Three times one click, and a quarter more than another category, in steps."""


def gone_at(weight: int, settings: ShopSettings) -> int:
    """The first ms at which a weight is below one click."""
    return LANDMARK + floor(weight * settings.interest_half_life / STEPS) + 1


def judge(history: list[Own], held: list[str], now: int, settings: ShopSettings) -> list[str]:
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


def over_at(history: list[Own], held: list[str], settings: ShopSettings) -> int | None:
    """When the first of the favourites held is one no more."""
    found = weights(history, settings)
    return min((gone_at(found[c], settings) for c in held if c in found), default=None)
