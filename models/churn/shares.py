"""Shares of a shop's buyers by a number: where the top tenth begins, and which tier a buyer is in.

Buyers are counted by cells of the number's logarithm (`models.churn.counts.cell`), so that shards' counts add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp

from models.churn.counts import bound

KNOWN = 50
"""With fewer buyers of whom a number is known there is no top share of them."""
NONE = 2.0
"""A risk that nobody has."""
TIERS = (0.1, 0.4)
"""Shares of buyers by what they are expected to spend: the top tenth; with the next three tenths."""
MARGIN = 1.15
"""A tier is left for the next one once the number is so many times beyond the cut."""


def tenth(at: int) -> int:
    """In which tenth of all risks, from 0 to 9, those of a cell of cumulative hazards are: by the cell's middle, whose
    bounds are 9 % apart.

    >>> tenth(-40), tenth(-4), tenth(0), tenth(24)
    (9, 4, 3, 0)
    """
    return min(9, int(10 * exp(-bound(at + 0.5))))


def cut(histogram: Mapping[int, int], most: float, *, descending: bool = False) -> int:
    """The bound of the cells that hold at most so many, from the lowest cell on, or from the highest.

    Parameters
    ----------
    histogram
        Buyers by cell.
    most
        How many at most. The next cell would be too many, if there is one.
    descending
        From the highest cell on.

    Returns
    -------
    Ascending, the cell in front of which they end; descending, the one with which they begin. ValueError without cells.

    >>> cut({1: 5, 3: 5, 7: 90}, 10), cut({1: 5, 3: 5, 7: 90}, 4)
    (4, 1)
    >>> cut({1: 5, 3: 5, 7: 90}, 95, descending=True), cut({1: 5, 3: 5, 7: 90}, 89, descending=True)
    (3, 8)
    """
    cells, within = sorted(histogram, reverse=descending), 0
    if not cells:
        raise ValueError("nothing is counted: there are no cells")
    bound = cells[0] + descending
    for at in cells:
        within += histogram[at]
        if within > most:
            break
        bound = at + (not descending)
    return bound


def top(hazards: dict[int, int], share: float) -> float:
    """The risk from which at most a share of repeat buyers is alerted about; above 1 where too few are known.

    `hazards` has repeat buyers by cell (`models.churn.counts.cell`): the lower, the riskier.

    >>> round(top({-40: 5, 0: 45}, 0.1), 4), round(top({-40: 5, 0: 45}, 0.09), 4), top({-40: 4}, 0.1)
    (0.9665, 0.9692, 2.0)
    """
    buyers = sum(hazards.values())
    return exp(-bound(cut(hazards, share * buyers))) if buyers >= KNOWN else NONE


def tiers(values: dict[int, int]) -> tuple[float, float] | None:
    """The expected spending with which the top tenth of buyers begins, and the top four tenths; None where too few are
    known. `values` has buyers by cell (`models.churn.counts.cell`).

    >>> tiers({72: 30, 80: 15, 88: 5}), tiers({72: 49})
    ((2048.0, 1024.0), None)
    """
    buyers = sum(values.values())
    if buyers < KNOWN:
        return None
    high, medium = (bound(cut(values, share * buyers, descending=True)) for share in TIERS)
    return high, medium


def tier(within: Sequence[float], held: int | None) -> int:
    """The tier a buyer is in: the number of the first one whose cut is met, from 0 on.

    Parameters
    ----------
    within
        For each tier but the last how many times its cut is met: 1 just meets it.
    held
        The tier the buyer was in; None: in none. That one, and those after it, are kept until the number is `MARGIN`
        times beyond the cut.

    >>> tier((0.9, 1.2), None), tier((0.9, 1.2), 0), tier((0.8, 1.2), 0), tier((0.8, 0.8), 1), tier((0.9, 1.2), 2)
    (1, 0, 1, 2, 1)
    """
    for number, times in enumerate(within):
        if times * (MARGIN if held is not None and held <= number else 1.0) >= 1.0:
            return number
    return len(within)
