"""Interest in categories: decayed affinity, kept so that it does not change as time passes.

Forward decay (Cormode, Shkapenyuk, Srivastava, Xu: "Forward decay", ICDE 2009): an event of weight w at time e adds
w · 2^(e / half-life) to its category, and dividing by 2^(now / half-life) gives the decayed sum. What is stored is the
base-2 logarithm, in steps of 1/256: a small whole number.
"""

from __future__ import annotations

from math import log2
from typing import Any

from models.kernel.settings import LANDMARK

KEPT = 8
STEP = 256

_LOG2 = {weight: round(STEP * log2(weight)) for weight in range(1, 17)}
_GAINS = [round(STEP * log2(1.0 + 2.0 ** (-apart / STEP))) for apart in range(10 * STEP)]
"""By how much a sum's log weight exceeds the larger part's, so many steps above the smaller's; beyond the list 0."""


def strengthen(
    interest: list[int | str], category: int | str, weight: int, e: int, half_life: int
) -> tuple[int | None, int | str | None]:
    """Add an event of whole weight 1..16 at `e` (ms) to a flat list of pairs category, log weight.

    Where the list is full, the weakest category leaves, unless the new one is weaker still.

    Returns the category's log weight (None: it is not kept), and the category that had to leave (None: none had to).

    >>> from models.kernel.settings import DAY
    >>> pairs = []
    >>> [strengthen(pairs, 1, 1, LANDMARK + day * DAY, 14 * DAY) for day in (0, 14)]
    [(0, None), (406, None)]
    >>> pairs == [1, round(STEP * log2(1 + 2))]
    True
    """
    new = (e - LANDMARK) * STEP // half_life + _LOG2[weight]
    categories = interest[::2]
    if category in categories:
        place = 2 * categories.index(category) + 1
        old: Any = interest[place]
        high, apart = (old, old - new) if old > new else (new, new - old)
        if apart < len(_GAINS):
            high += _GAINS[apart]
        interest[place] = high
        return high, None
    if len(interest) < 2 * KEPT:
        interest += (category, new)
        return new, None
    weakest = min(range(1, 2 * KEPT, 2), key=lambda i: interest[i])
    if interest[weakest] >= new:  # type: ignore[operator]
        return None, None
    left = interest[weakest - 1]
    interest[weakest - 1 : weakest + 1] = (category, new)
    return new, left


def affinities(interest: list[int | str], now: int, half_life: int) -> list[tuple[int | str, float]]:
    """Categories with their decayed weight at `now` (ms), strongest first."""
    at = (now - LANDMARK) * STEP / half_life
    pairs = [(interest[i], 2.0 ** ((interest[i + 1] - at) / STEP)) for i in range(0, len(interest), 2)]  # type: ignore[operator]
    return sorted(pairs, key=lambda pair: -pair[1])
