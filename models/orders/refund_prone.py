"""`refund_prone`: something of many of the orders was refunded."""

from __future__ import annotations

from models.kernel.feature import Feature, Tag
from models.kernel.moment import Moment
from models.orders.history import OrderHistory

REFUND = 6
"""The tag's key, stored in profiles."""
LEAST, ENTER, STAY = 2, 1 / 3, 0.2


class RefundProne(Feature):
    """A rule about all orders that were not cancelled."""

    name = "refund_prone"
    reads = ("orders",)
    tags = (
        Tag(
            REFUND,
            "refund_prone",
            "something of 2 or more orders was refunded, a third of all or more",
            "fewer than 2, or less than 20 %",
        ),
    )

    def evaluate(self, m: Moment) -> int:
        """By the share of orders with a refund."""
        if (history := m.state("orders")) is not None:
            r, n = counts(history)
            m.turn(REFUND, holds(m.holds(REFUND), r, n), lambda: f"something of {r} of {n} orders refunded")
        return 0


def counts(history: OrderHistory) -> tuple[int, int]:
    """Orders with a refund, and all that were reported and not cancelled."""
    r, n = (history.older.touched, history.older.kept) if history.older is not None else (0, 0)
    for order in history.ring:
        if order.kept:
            n += 1
            r += order.touched
    return r, n


def holds(held: bool, r: int, n: int) -> bool:
    """Whether `r` refunded ones among `n` orders make the tag, or keep it.

    >>> holds(False, 2, 6), holds(False, 2, 7), holds(True, 2, 10), holds(True, 2, 11)
    (True, False, True, False)
    """
    return r >= LEAST and r / n >= (STAY if held else ENTER)
