"""An order that is not like the shopper's earlier ones: the Gaussian scorer over log amounts."""

from __future__ import annotations

from math import log
from statistics import NormalDist, mean, stdev
from typing import NamedTuple

from models.kernel.settings import DAY
from tests.reference.orders import Book, when

EARLIER, SURE, APART, MEMORY = 3, 0.99, log(2), 30 * DAY


class Surprise(NamedTuple):
    """How unusual the newest order is: its e, its score from 0 to 1, its distance from the mean in log units."""

    e: int
    score: float
    distance: float


def surprise(book: Book) -> Surprise | None:
    """The newest order against those before it; None with too few of them. Only valid orders with an amount count."""
    orders = [o for o in book.valid if o.amount]
    if len(orders) <= EARLIER:
        return None
    *earlier, x = (log(o.amount) for o in orders if o.amount)
    centre, spread = mean(earlier), stdev(earlier)
    distance = abs(x - centre)
    score = 2 * abs(NormalDist(centre, spread).cdf(x) - 0.5) if spread else float(distance > 0)
    return Surprise(when(orders[-1]), score, distance)


def over_at(book: Book) -> int | None:
    """When the newest order is unusual no more; None if it never was."""
    found = surprise(book)
    if found is None or found.score < SURE or found.distance < APART:
        return None
    return found.e + MEMORY
