"""`cart_abandoner`: two reminded carts lately ended without an order."""

from __future__ import annotations

from collections.abc import Sequence

from models.kernel.settings import DAY

KEPT = 2
LASTS = 90 * DAY


def remember(left: Sequence[int] | None, at: int) -> list[int]:
    """The newest `KEPT` times (ms), oldest first, with one more.

    >>> remember([3, 7], 5), remember(None, 1)
    ([5, 7], [1])
    """
    return sorted((*(left or ()), at))[-KEPT:]


def due(left: Sequence[int] | None) -> int:
    """Until when the tag holds (ms); 0 if it does not."""
    return left[0] + LASTS if left is not None and len(left) == KEPT else 0


def holds(left: Sequence[int] | None, now: int) -> bool:
    """Whether the tag holds at `now` (ms)."""
    return now < due(left)


def reason(left: Sequence[int] | None) -> str:
    """In words."""
    return f"{len(left or ())} carts left for good within {LASTS // DAY} d"
