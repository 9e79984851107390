"""Predictions of longer horizons than a step, kept until what became of them is known: one in three snapshots for 30
days, one in seven for 90, in turn. They are scored, and nothing is learned from them but how many orders come.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from msgspec import Struct

from models.churn import scoring
from models.churn.counts import Counts
from models.churn.covariates import STEP
from models.churn.model import Model
from models.churn.posterior import UNIT
from models.churn.prior import shipped
from models.churn.rollout import ages, p_order, rolled
from models.churn.sampling import begins, in_turn, step
from models.churn.scoring import CONTESTANTS, HORIZONS, RIVER, SILENT
from models.churn.worth import QUARTER, expected_orders
from models.kernel.settings import DAY

if TYPE_CHECKING:
    from models.orders.buying import Buying
    from models.orders.history import OrderHistory

FINE = 256
"""Expected orders are stored in parts of this."""


class Waiting(Struct, array_like=True, gc=False):
    """A prediction that waits for what becomes of it.

    Attributes
    ----------
    horizon
        Days.
    step
        Number of the buyer's step at whose beginning it was made (`models.churn.sampling.step`).
    version
        Of the model that predicted.
    predicted
        By all contestants (`models.churn.scoring.pack`).
    occasions
        That the buyer had.
    orders
        How many were expected within 90 days by what other shops taught, in parts of `FINE`; 0 of another horizon.
    """

    horizon: int
    step: int
    version: int
    predicted: bytes
    occasions: int
    orders: int = 0


def made(user: str, buying: Buying, now: int, model: Model) -> list[Waiting]:
    """Predictions whose turn it is at a snapshot at `now` (ms)."""
    number, days = step(user, now), now / DAY
    found = []
    for horizon in HORIZONS[1:]:
        if in_turn(user, number, ceil(horizon / STEP)):
            moments = ages(buying, days, horizon, model.level)
            predicted = scoring.pack(
                p_order(rolled(moments, buying, odds), horizon) if odds is not None else None
                for odds in map(model.contestants.get, CONTESTANTS)
            )
            orders = 0
            if horizon == QUARTER:
                orders = round(FINE * expected_orders(buying, days, model.level, shipped(model.prior).orders_90))
            found.append(Waiting(horizon, number, model.version, predicted, buying.occasions, orders))
    return found


def matured(user: str, waiting: list[Waiting], now: int) -> list[Waiting]:
    """Those of which is known at `now` (ms) what became of them."""
    number = step(user, now)
    return [one for one in waiting if number - one.step >= ceil(one.horizon / STEP)]


def score(user: str, one: Waiting, history: OrderHistory, buying: Buying, counts: Counts, model: Model) -> None:
    """Score a prediction by the orders that came."""
    begin = begins(user, one.step)
    came = within(history, buying, begin, begin + one.horizon * DAY, one.occasions)
    scoring.score(counts.scores, one.horizon, spoken(one.predicted, one.version, model), came > 0)
    if one.horizon == QUARTER:
        labels, expected, orders = counts.worth
        counts.worth = [labels + 1, expected + one.orders * (UNIT // FINE), orders + came]


def spoken(predicted: bytes, version: int, model: Model) -> tuple[int, ...]:
    """Stored predictions of who still takes part: another classifier's than today's is left out."""
    said = scoring.unpack(predicted)
    if version >= model.rival.began:
        return said
    return tuple(SILENT if name == RIVER else p for name, p in zip(CONTESTANTS, said, strict=True))


def within(history: OrderHistory, buying: Buying, after: int, until: int, before: int) -> int:
    """How many occasions began in (after, until] (ms), of a buyer who had had `before` by then."""
    known = [*history.occasions()]
    if history.older is None or history.older.gaps.occasion <= after:
        return sum(after < began <= until for began in known)
    return max(0, buying.occasions - before - sum(began > until for began in known))
