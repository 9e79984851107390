"""Discount sensitivity: the share of a buyer's orders that are bought with a coupon or discount, the shop's as prior.

It is worked out from the counts of the order history; the shop's share from two counters of its shards. Nothing else is
stored for it, and no rule reads it.

A buyer's orders are the valid ones, as everywhere. The shop's are all that were ever reported: that keeps its counters
sums of what came, which no cancellation, refund or forgotten buyer takes back.
"""

from __future__ import annotations

from collections.abc import Mapping

from models.learners.beta import BetaShare
from models.orders.discount_driven import counts
from models.orders.history import OrderHistory

DISCOUNTED_ORDERS, FULL_PRICE_ORDERS = "orders_discounted", "orders_full_price"
"""The shop's counters (`models.orders.order_events`)."""
UNSEEN = 2
"""Orders, half of them discounted, that are added to the shop's."""
STRENGTH = 4
"""Orders that the shop's share is worth. It says how far buyers differ: where the shop's is q, theirs scatter about it
by √(q(1 − q)/5), which is a fifth for a q of .3. So the one order of most buyers moves it by a fifth of the way, and
from the fifth on the own orders count more. A choice: no public set known to us tells of discounts, to fit it by."""


def discount_share(history: OrderHistory) -> BetaShare:
    """The learner, by all valid orders.

    >>> from models.orders.order import DISCOUNTED, Order
    >>> share = discount_share(OrderHistory([Order(1, 0, 1000, 0, DISCOUNTED), Order(2, 1, 1000)]))
    >>> share.dump(), share.predict_one(0.25)
    ([1, 2], 0.3333333333333333)
    """
    return BetaShare(STRENGTH, *counts(history))


def shops_share(counts: Mapping[str, int]) -> BetaShare:
    """The same of the shop's orders, by the sums of its shards' counters; one half is the prior.

    >>> shops_share({"orders_discounted": 19, "orders_full_price": 79}).predict_one(0.5)
    0.2
    """
    discounted = counts.get(DISCOUNTED_ORDERS, 0)
    return BetaShare(UNSEEN, discounted, discounted + counts.get(FULL_PRICE_ORDERS, 0))
