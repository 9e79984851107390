"""`cart_abandoner`: two reminded carts lately ended without an order."""

from __future__ import annotations

from collections.abc import Sequence

from models.kernel.feature import Feature, Tag
from models.kernel.moment import Moment
from models.kernel.settings import DAY

ABANDONER = 7
"""The tag's key, stored in profiles."""
KEPT = 2
LASTS = 90 * DAY


class CartAbandoner(Feature):
    """A rule about carts that were left for good."""

    name = "cart_abandoner"
    reads = ("carts_left",)
    tags = (
        Tag(
            ABANDONER,
            "cart_abandoner",
            "two reminded carts ended without an order, the reminders at most 90 days old",
            "the older of the two is 90 days old",
        ),
    )

    def evaluate(self, m: Moment) -> int:
        """By when the older of the two was left."""
        carts = m.state("carts")
        if carts is None:
            return 0
        until = due(carts.left)
        holds = m.p.evaluated_at < until
        m.turn(ABANDONER, holds, lambda: f"{len(carts.left)} carts left for good within {LASTS // DAY} d")
        return until if holds else 0


def remember(left: Sequence[int], at: int) -> list[int]:
    """The newest `KEPT` times (ms), oldest first, with one more.

    >>> remember([3, 7], 5), remember([], 1)
    ([5, 7], [1])
    """
    return sorted((*left, at))[-KEPT:]


def due(left: Sequence[int]) -> int:
    """Until when the tag holds (ms); 0 if it does not."""
    return left[0] + LASTS if len(left) == KEPT else 0
