"""`unusual_order`: the newest order is far larger or smaller than the shopper's own before it."""

from __future__ import annotations

from math import exp, log

from models.kernel.feature import Feature, Tag
from models.kernel.moment import Moment
from models.kernel.settings import DAY
from models.orders.order_values import GRACE, OrderValues

UNUSUAL = 4
"""The tag's key, stored in profiles."""
LASTS = 30 * DAY
SCORE = 0.99
FACTOR = log(2)
"""Beside the score: at least twice, or at most half, of the usual amount."""


class UnusualOrder(Feature):
    """A rule about the newest order beside those before it."""

    name = "unusual_order"
    reads = ("orders",)
    tags = (
        Tag(
            UNUSUAL,
            "unusual_order",
            "the newest order is twice or half the usual amount, or beyond, with a score of .99 or more",
            "a newer order that is not; 30 days; cancelled or refunded",
        ),
    )

    def evaluate(self, m: Moment) -> int:
        """By the score of a Gaussian over the logs of amounts."""
        history = m.state("orders")
        if history is None or (history.older is None and len(history.ring) <= GRACE):
            return 0
        values = history.values(m.ctx.settings.fading)
        score = holds(values, m.p.evaluated_at)
        m.turn(UNUSUAL, bool(score), lambda: reason(values), round(score, 4) if score else None)
        return values.e + LASTS if score else 0


def holds(values: OrderValues, now: int) -> float:
    """The score of the newest order if it is unusual at `now` (ms), else 0."""
    if now >= values.e + LASTS:
        return 0.0
    score, apart = values.score()
    return score if score >= SCORE and abs(apart) >= FACTOR else 0.0


def reason(values: OrderValues) -> str:
    """The reason of the tag, as its message gives it."""
    score, apart = values.score()
    return f"the newest order is {exp(apart):.2g} times the usual one, score {score:.4f}"
