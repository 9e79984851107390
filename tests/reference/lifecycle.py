"""Lifecycle stage, visits, and the end of a profile."""

from __future__ import annotations

from models.features import ShopSettings
from models.kernel.settings import DAY
from tests.reference.history import Own, newest, oldest, somebody
from tests.reference.orders import Book

NEW, COOLING, LAPSED, RETURNED = 7 * DAY, 30 * DAY, 90 * DAY, 30 * DAY


def returned(history: list[Own]) -> int | None:
    """e of the latest event that came 90 days or more after the newest one before it."""
    result = last = None
    for own in history:
        if last is not None and own.e - last >= LAPSED:
            result = own.e
        last = own.e if last is None else max(last, own.e)
    return result


def stage(history: list[Own], now: int) -> str | None:
    """The stage's name; None for a single event that is neither a cart's nor an order's."""
    if not somebody(history):
        return None
    idle, back = now - newest(history), returned(history)
    if idle >= LAPSED:
        return "lapsed"
    if idle >= COOLING:
        return "cooling"
    if back is not None and now - back < RETURNED:
        return "returned"
    return "new" if now - oldest(history) < NEW else "active"


def stage_crossing(history: list[Own], now: int) -> int | None:
    """The next time the stage may change by itself."""
    back = returned(history)
    dues = [newest(history) + COOLING, newest(history) + LAPSED, oldest(history) + NEW]
    dues += [] if back is None else [back + RETURNED]
    return min((due for due in dues if due > now), default=None)


def arrivals(history: list[Own], settings: ShopSettings) -> list[Own]:
    """Events that begin a visit: the first, and each more than half an hour after the newest one before it."""
    found: list[Own] = []
    last = None
    for own in history:
        if last is None or own.e - last > settings.visit_gap:
            found.append(own)
        last = own.e if last is None else max(last, own.e)
    return found


def expires_at(history: list[Own], book: Book, settings: ShopSettings) -> int:
    """When the profile ends: sooner for somebody who never reported an order."""
    return newest(history) + (settings.buyer_ttl if book.reported else settings.visitor_ttl)
