"""`hesitating`: the same product looked at again and again, and nothing put into a cart."""

from __future__ import annotations

from models.interests.views import FORGOTTEN_AFTER, WIDTH, most

LEAST = 3


def due(looked: int) -> int:
    """Until when the tag holds (ms) if nothing more is looked at."""
    return looked + FORGOTTEN_AFTER


def holds(views: bytes, looked: int, now: int) -> bool:
    """Whether the tag holds at `now` (ms): see `models.interests.views` for the other two."""
    return bool(views) and max(views[4::WIDTH]) >= LEAST and now < looked + FORGOTTEN_AFTER


def reason(views: bytes) -> str:
    """In words."""
    return f"looked at the same product {most(views)} times without a cart" if views else "something went into a cart"
