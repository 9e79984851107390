"""RFM with cuts version 0, and the segments of the R-F grid."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from models.features import ShopSettings
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
    days = (shown(now, settings) - shown(when(book.valid[-1]), settings)).days
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


def shown(at: int, settings: ShopSettings) -> date:
    """The date on the shop's wall at a time (ms)."""
    return datetime.fromtimestamp(at / 1000, ZoneInfo(settings.time_zone)).date()


def crossing(book: Book, now: int, settings: ShopSettings) -> int | None:
    """The next time R changes by itself: at a midnight of the shop."""
    if not book.valid:
        return None
    ordered, zone = shown(when(book.valid[-1]), settings), ZoneInfo(settings.time_zone)
    for days in R_DAYS:
        due = datetime.combine(ordered + timedelta(days=days), datetime.min.time(), zone)
        if due.timestamp() * 1000 > now:
            return round(due.timestamp() * 1000)
    return None
