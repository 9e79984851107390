"""One data set, whole: the engine runs from cut to cut, and at each of them every model is asked."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from bench.models import anchors, curve, production, recency, told
from bench.models.alerts import alerts
from bench.models.cut import Cut, Predictor
from bench.models.data_sets import DataSet
from bench.models.histories import Folded, fold
from bench.models.purchases import Purchases
from bench.models.results import Fit, Found, Horizon, Point
from bench.models.scores import COUNT, horizon
from bench.progress import progress
from bench.results import Made
from kairos.config.settings import load

QUICK = 100
"""Resamples where only a developer looks."""


class Measuring:
    """Measures one data set.

    Parameters
    ----------
    data
        The folder that has its file. FileNotFoundError, which says what to do, if it has not.
    quick
        The holdout alone, with few resamples: no learning curve, and the history ends at the cut.
    """

    def __init__(self, data_set: DataSet, data: Path, console: Console, *, quick: bool = False) -> None:
        self._set, self._console, self._quick = data_set, console, quick
        self._file = data_set.path(data)
        self._purchases: Purchases = data_set.purchases(data)

    def run(self, made: Made) -> Found:
        """Everything about it."""
        started = time.monotonic()
        found = Found(self._set.name, made, self._set.cut)
        days = [self._set.cut] if self._quick else [*curve.days(self._set.cut), self._set.cut, self._purchases.end]
        settings = load(self._set.settings)
        rows = self._set.rows(self._file, settings.shop)
        with progress(self._console, f"{self._set.name}: rows through the engine", rows.total) as show:
            states = fold(rows, settings, [self._set.at(day) for day in days], show)
            for day, folded in zip(days, states, strict=True):
                self._at(day, folded, found)
        found.seconds = time.monotonic() - started
        return found

    def _at(self, day: int, folded: Folded, found: Found) -> None:
        if day == self._purchases.end:
            found.told = told.told(told.raised(folded), self._purchases, self._set.alerts)
        elif day == self._set.cut:
            self._holdout(Cut(self._purchases, day, folded), found)
        else:
            found.curve.append(self._point(Cut(self._purchases, day, folded)))

    def _point(self, cut: Cut) -> Point:
        return curve.point(cut, production.ask(cut).predictors | recency.ask(cut) | anchors.ask_young(cut))

    def _holdout(self, cut: Cut, found: Found) -> None:
        engine, fitted = production.ask(cut), anchors.ask(cut)
        predictors = {**engine.predictors, **recency.ask(cut), **fitted}
        found.fits = [_fit(anchor) for anchor in fitted.values()]
        found.horizons = [self._horizon(cut, days, predictors, fitted) for days in self._set.horizons]
        found.alerts = alerts(cut, self._set.alerts, engine.predictors[engine.live], engine.gaps)

    def _horizon(
        self, cut: Cut, days: int, predictors: Mapping[str, Predictor], fitted: Mapping[str, anchors.Anchor]
    ) -> Horizon:
        title = f"{self._set.name}: models scored at {days} days"
        with progress(self._console, title, len(predictors)) as show:
            return horizon(cut, days, predictors, fitted, show, QUICK if self._quick else COUNT)


def _fit(anchor: anchors.Anchor) -> Fit:
    fitted = anchor.fitted
    parameters = dict(zip(fitted.model.symbols, fitted.parameters, strict=True))
    return Fit(fitted.model.name, parameters, fitted.log_likelihood, fitted.degenerate)
