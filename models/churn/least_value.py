"""The least value at stake from which a model's alerts are raised, where a shop wants at most so many a day.

The shards count how many alerts came due, raised or held back, by the value at stake. Of the last 28 days it is known
above which value no more came due, in the mean of a day, than may be raised.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from models.churn.counts import bound
from models.churn.shares import cut
from models.kernel.boundaries import boundary, version
from models.kernel.settings import DAY

WINDOW = 28
"""Days that are looked back."""

Came = tuple[tuple[int, dict[int, int]], ...]
"""Alerts that came due by the cell of the value at stake (`models.churn.counts.cell`), from one boundary to the next:
the first one's date as a number (20161001), and how many."""


def extended(came: Came, since: int, at: int, before: Mapping[int, int], now: Mapping[int, int]) -> Came:
    """What came due up to a boundary, without what came before the last `WINDOW` days.

    Parameters
    ----------
    came
        As of the boundary before.
    since, at
        The boundary before, and this one (ms).
    before, now
        How many had come due by then, by cell.

    >>> extended(((20161001, {5: 1}),), 1_475_366_400_000, 1_475_452_800_000, {5: 1}, {5: 1, 6: 2})
    ((20161001, {5: 1}), (20161002, {6: 2}))
    """
    new = {cell: n - before.get(cell, 0) for cell, n in now.items() if n > before.get(cell, 0)}
    kept = tuple(part for part in came if boundary(part[0]) >= at - WINDOW * DAY)
    return (*kept, (version(since), new))


def least_value(came: Came, at: int, most: int) -> int:
    """The least value at stake (minor units): 0 where no more than `most` came due a day, whatever their value.

    `at` is the boundary (ms) up to which `came` reaches.

    >>> came = ((20161001, {80: 20, 88: 6}), (20161002, {80: 5, 96: 4}))
    >>> [least_value(came, 1_475_452_800_000, most) for most in (4, 5, 17, 18)]
    [4096, 2048, 2048, 0]
    """
    stakes: dict[int, int] = {}
    for _, part in came:
        for cell, n in part.items():
            stakes[cell] = stakes.get(cell, 0) + n
    allowed = most * ((at - boundary(came[0][0])) // DAY) if came else 0
    if sum(stakes.values()) <= allowed:
        return 0
    return ceil(bound(cut(stakes, allowed, descending=True)))
