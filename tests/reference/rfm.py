"""RFM with cuts version 0, and the segments of the R-F grid."""

from __future__ import annotations

from models.features import ShopSettings
from models.kernel.settings import DAY
from tests.reference.orders import Book, when

R_DAYS = (14, 30, 60, 120)
M_CUTS = (2_500, 5_000, 10_000, 25_000)

# Row: R 1..5; column: F 1..5.
GRID = {
    1: ("hibernating", "hibernating", "at_risk", "at_risk", "cant_lose"),
    2: ("hibernating", "hibernating", "at_risk", "at_risk", "cant_lose"),
    3: ("about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"),
    4: ("promising", "potential_loyalist", "potential_loyalist", "loyal", "loyal"),
    5: ("new", "potential_loyalist", "potential_loyalist", "champions", "champions"),
}


def scores(book: Book, now: int, settings: ShopSettings) -> tuple[int, int, int] | None:
    """R, F and M from 1 to 5; None for somebody without a valid order."""
    if not book.valid:
        return None
    days = (now - when(book.valid[-1])) // DAY
    r = 5 - sum(days >= cut for cut in R_DAYS)
    f = {1: 1, 2: 2, 3: 3, 4: 4, 5: 4}.get(len(book.valid), 5)
    return r, f, m_score(book.decayed(settings.half_life)[1])


def m_score(decayed: float) -> int:
    """M of decayed spending (minor units)."""
    return 1 + sum(decayed >= cut for cut in M_CUTS)


def segment(book: Book, now: int, settings: ShopSettings) -> str | None:
    """The segment's name; None for somebody who is not scored."""
    rfm = scores(book, now, settings)
    return rfm and GRID[rfm[0]][rfm[1] - 1]


def crossing(book: Book, now: int) -> int | None:
    """The next time R changes by itself."""
    if not book.valid:
        return None
    return min((due for days in R_DAYS if (due := when(book.valid[-1]) + days * DAY) > now), default=None)
