"""Occasions to buy, the gaps between them, and when a buyer is overdue."""

from __future__ import annotations

from itertools import pairwise

from river.stats import EWMean, EWVar

from models.features import ShopSettings
from models.kernel.settings import DAY
from tests.reference.orders import Book, when


def occasions(book: Book) -> list[int]:
    """Times of the occasions: each opens one that is 24 h or more after the one that opened the occasion before."""
    times: list[int] = []
    for order in book.valid:
        if not times or when(order) >= times[-1] + DAY:
            times.append(when(order))
    return times


def gap(book: Book, settings: ShopSettings) -> tuple[float, float]:
    """Exponentially weighted mean and variance of the gaps, in days, by River."""
    mean, variance = EWMean(settings.fading), EWVar(settings.fading)
    times = occasions(book)
    for earlier, later in pairwise(times):
        days = (later - earlier) / DAY
        mean.update(days)
        variance.update(days)
    return mean.get(), max(variance.get(), 0.0)  # of equal gaps it comes out a little below, by rounding


def overdue_at(book: Book, settings: ShopSettings) -> int | None:
    """When the shopper becomes overdue (ms); None with too few occasions to say."""
    if len(occasions(book)) < settings.overdue_occasions:
        return None
    wait = round(settings.overdue_factor * gap(book, settings)[0] * DAY)
    return when(book.valid[-1]) + max(wait, settings.overdue_floor)
