"""The ten segments of the R-F grid, by the scores of recency and frequency (`models.rfm.segments.cuts`)."""

from __future__ import annotations

SEGMENTS = (
    "",
    "hibernating",
    "at_risk",
    "cant_lose",
    "about_to_sleep",
    "need_attention",
    "loyal",
    "promising",
    "new",
    "potential_loyalist",
    "champions",
)
"""Names of the segments; a profile stores the index. Append only."""

_GRID = {
    1: ("hibernating", "hibernating", "at_risk", "at_risk", "cant_lose"),
    2: ("hibernating", "hibernating", "at_risk", "at_risk", "cant_lose"),
    3: ("about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"),
    4: ("promising", "potential_loyalist", "potential_loyalist", "loyal", "loyal"),
    5: ("new", "potential_loyalist", "potential_loyalist", "champions", "champions"),
}
"""Segment by recency score (row) and frequency score (column). 51 is new, 41 promising."""


def segment(r: int, f: int) -> int:
    """Index of the segment of a recency and a frequency score.

    >>> SEGMENTS[segment(5, 1)], SEGMENTS[segment(2, 3)], SEGMENTS[segment(4, 1)]
    ('new', 'at_risk', 'promising')
    """
    return SEGMENTS.index(_GRID[r][f - 1])
