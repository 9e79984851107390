"""Log odds of an order within a step: what anybody who predicts answers, and what any horizon is rolled out of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from models.churn.posterior import dot

if TYPE_CHECKING:
    from models.orders.buying import Buying

Odds: TypeAlias = "Sequence[float] | Callable[[Sequence[float], Buying, float], float]"
"""A weight for each covariate; or what answers log odds by covariates, the buyer's occasions and the time (days)."""


def log_odds(x: Sequence[float], buying: Buying, now: float, odds: Odds) -> float:
    """Log odds that a buyer orders within a step after `now` (days), where `x` are the covariates then."""
    return odds(x, buying, now) if callable(odds) else dot(x, odds)
