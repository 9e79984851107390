"""`discount_driven`: many of the orders were bought with a coupon or a discount."""

from __future__ import annotations

from models.kernel.feature import Feature, Tag
from models.kernel.moment import Moment
from models.orders.history import OrderHistory
from models.orders.order import DISCOUNTED

DISCOUNT = 5
"""The tag's key, stored in profiles."""
LEAST, ENTER, STAY = 2, 0.50, 0.35


class DiscountDriven(Feature):
    """A rule about all valid orders."""

    name = "discount_driven"
    reads = ("orders",)
    tags = (
        Tag(
            DISCOUNT,
            "discount_driven",
            "2 or more valid orders with a discount, half of all or more",
            "fewer than 2, or less than 35 %",
        ),
    )

    def evaluate(self, m: Moment) -> int:
        """By the share of orders with a discount."""
        if (history := m.state("orders")) is not None:
            d, n = counts(history)
            reason = f"{d} of {n} valid orders with a coupon or discount"
            m.turn(DISCOUNT, holds(m.holds(DISCOUNT), d, n), lambda: reason)
        return 0


def counts(history: OrderHistory) -> tuple[int, int]:
    """Valid orders with a discount, and all valid ones."""
    d, n = (history.older.discounted, history.older.valid) if history.older is not None else (0, 0)
    for order in history.ring:
        if order.valid:
            n += 1
            d += bool(order.flags & DISCOUNTED)
    return d, n


def holds(held: bool, d: int, n: int) -> bool:
    """Whether `d` discounts among `n` orders make the tag, or keep it.

    >>> holds(False, 2, 4), holds(False, 2, 5), holds(True, 2, 5), holds(True, 2, 6)
    (True, False, True, False)
    """
    return d >= LEAST and d / n >= (STAY if held else ENTER)
