"""Discount sensitivity: the share of a buyer's orders that are bought with a coupon or discount, the shop's as prior.

It is worked out from the counts of the order history. Nothing is stored for it, and no rule reads it.
"""

from __future__ import annotations

from models.learners.beta import BetaShare
from models.orders.discount_driven import counts
from models.orders.history import OrderHistory

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
