"""The learning curve: the same models as the shop ages, from its first days on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.models.cut import Cut, Predictor
from bench.models.measures import auc, log_loss
from bench.models.results import Point

EVERY = 14
HORIZONS = (30, 90)


def days(cut: int) -> list[int]:
    """When the models are asked: each fortnight before the holdout's cut.

    >>> days(43)
    [14, 28, 42]
    """
    return list(range(EVERY, cut, EVERY))


def point(cut: Cut, predictors: Mapping[str, Predictor], horizons: Sequence[int] = HORIZONS) -> Point:
    """All models at one day of the shop's life."""
    base, found = {}, {}
    for horizon in horizons:
        y = cut.ordered(horizon)
        p = {name: predictor(cut.names, horizon) for name, predictor in predictors.items()}
        base[horizon] = float(y.mean())
        found[horizon] = {name: (log_loss(y, values), auc(y, values)) for name, values in p.items()}
    return Point(cut.day, len(cut.names), base, found)
