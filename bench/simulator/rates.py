"""The rates that are held against each other: what the real shop shows, and how near the simulated one must come."""

from __future__ import annotations

from typing import NamedTuple


class Rate(NamedTuple):
    """`real` is recomputed by a test; the simulated figure may differ from it by `tolerance`. `unit` "%": shares."""

    key: str
    what: str
    real: float
    tolerance: float
    unit: str = ""

    def holds(self, simulated: float) -> bool:
        """Whether it is near enough.

        >>> Rate("look", "visits with a look", 0.16, 0.01).holds(0.168)
        True
        """
        return abs(simulated - self.real) <= self.tolerance


HITS = (
    Rate("visits", "visits a visitor", 1.2055, 0.06),
    Rate("calls", "calls a visit, mean", 5.1154, 0.5),
    Rate("single", "visits of a single call", 0.5105, 0.03, "%"),
    Rate("calls_look", "calls of a visit that looks at a product, median", 11.0, 1.0),
    Rate("calls_cart", "calls of a visit that leaves a cart, median", 19.0, 2.0),
    Rate("calls_order", "calls of a visit with an order, median", 35.0, 4.0),
    Rate("minutes", "length of visits of more than one call, median", 1.5132, 0.25, " min"),
    Rate("look", "visits that look at a product", 0.1556, 0.015, "%"),
    Rate("cart", "of these, fill a cart (view to cart)", 0.3639, 0.03, "%"),
    Rate("order_soon", "visitors with a cart who order within 30 min of its last product (cart to order)", 0.2104, 0.03, "%"),  # noqa: E501
    Rate("order_late", "the same, later, within 72 h", 0.0126, 0.008, "%"),
    Rate("wait_25", "last product to order, lower quartile", 3.8590, 0.8, " min"),
    Rate("wait_50", "last product to order, median", 6.2919, 1.0, " min"),
    Rate("wait_75", "last product to order, upper quartile", 11.5948, 2.5, " min"),
    Rate("wait_90", "last product to order, 90 % are faster", 24.5120, 7.0, " min"),
    Rate("reports", "reports an order", 2.1493, 0.1),
    Rate("reported_again", "orders reported more than once", 0.9993, 0.01, "%"),
    Rate("value", "value of an order, median", 65.48, 10.0, " USD"),
)  # fmt: skip
"""Of the Google Merchandise Store."""

PURCHASES = (
    Rate("repeat_13", "buyers who buy again within 13 weeks", 0.2932, 0.04, "%"),
    Rate("repeat_26", "buyers who buy again within 26 weeks", 0.3763, 0.04, "%"),
    Rate("repeats_26", "further purchases within 26 weeks, mean", 0.8806, 0.15),
    Rate("gap_25", "days between purchases, lower quartile", 9.0, 2.0),
    Rate("gap_50", "days between purchases, median", 25.0, 5.0),
    Rate("gap_75", "days between purchases, upper quartile", 56.0, 9.0),
    Rate("second_gap", "days to the second purchase, median", 34.0, 14.0),
)
"""Of CDNOW."""
