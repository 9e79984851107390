"""What one shopper did, as a list in the order of folding, and what is said about it."""

from __future__ import annotations

from typing import NamedTuple

from models.events import Event


class Own(NamedTuple):
    """One event of the shopper that counted. `now` is the time of its fold: its own, or the watermark if later."""

    e: int
    now: int
    event: Event
    role: int
    message: int
    identified: bool


class Said(NamedTuple):
    """One output, without wording. `about` is the tag, the last order's e, (cart, anchor, step), or the code."""

    topic: str
    kind: str
    user: str
    about: object
    as_of: int
    retracts: tuple[object, ...] = ()
    value: int = 0
    products: tuple[tuple[str, int], ...] = ()
    order_at: int | None = None


def newest(history: list[Own]) -> int:
    """e of the newest own event."""
    return max(own.e for own in history)


def oldest(history: list[Own]) -> int:
    """e of the oldest own event."""
    return min(own.e for own in history)
