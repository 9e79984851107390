"""When a buyer who buys nothing comes within the riskiest: the moment of a churn alert, known ahead.

Along the no-purchase path everything that the model looks at is known, so the risk at any later time is too. It is
looked up every 14 days, and between two of these halved to the day; whoever acts by it looks again when the moment has
come.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import expm1
from typing import TYPE_CHECKING

from models.churn.covariates import STEP, standing
from models.churn.level import Level
from models.churn.model import Model
from models.churn.rollout import risk

if TYPE_CHECKING:
    from models.orders.buying import Buying

WITHIN = 0.5
"""Days to which the moment is found."""


def expected_gap(buying: Buying, level: Level) -> float:
    """Days after which a buyer usually orders again: the median of the own gaps, drawn towards the shop's."""
    return expm1(standing(buying, level).mean)


def crossing(buying: Buying, start: float, risks: Sequence[float], horizon: float, model: Model) -> float | None:
    """When the risk reaches that of alerts, if nothing is bought.

    Parameters
    ----------
    start
        From when on it may (days).
    risks
        At `start` and at moments a step apart after it.
    horizon
        Of the risk (days).

    Returns
    -------
    A time (days), `start` if it is reached by then; None if it is not by the last of these moments.
    """
    if risks[0] >= model.alert:
        return start
    for k, reached in enumerate(risks[1:]):
        if reached >= model.alert:
            return _narrowed(buying, start + STEP * k, horizon, model)
    return None


def _narrowed(buying: Buying, before: float, horizon: float, model: Model) -> float:
    """The moment (days) in the step from `before` on at whose end the risk is reached: never too early."""
    after = before + STEP
    while after - before > WITHIN:
        middle = (before + after) / 2
        if passed(buying, middle, horizon, model):
            after = middle
        else:
            before = middle
    return after


def passed(buying: Buying, at: float, horizon: float, model: Model) -> bool:
    """Whether the risk had reached that of alerts at a time (days)."""
    return risk(buying, at, horizon, model.level, model.odds(horizon)) >= model.alert
