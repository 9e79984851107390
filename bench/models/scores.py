"""Models side by side at a cut: each measure with its interval, and differences of pairs to the best closed form."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bench.models.cut import Cut, Predictor
from bench.models.measures import MEASURES, bins, interval, log_loss, resamples, spread
from bench.models.purchases import Flags, Floats
from bench.models.results import Horizon, Score
from bench.progress import Show

COUNT = 400
"""Resamples of the bootstrap."""
SAME = 5
"""Digits to which log losses are compared: degenerate closed forms are all the same model."""


def horizon(
    cut: Cut, days: int, predictors: Mapping[str, Predictor], anchors: Collection[str], show: Show, count: int = COUNT
) -> Horizon:
    """All models at one horizon.

    Parameters
    ----------
    anchors
        Which of the predictors are closed forms.
    show
        Told how many models are scored.
    """
    y = cut.ordered(days)
    p = {name: predictor(cut.names, days) for name, predictor in predictors.items()}
    best = min(anchors, key=lambda name: round(log_loss(y, p[name]), SAME))  # of equal ones the first
    return Horizon(days, len(y), float(y.mean()), best, scores(y, p, best, show, count))


def scores(y: Flags, p: Mapping[str, Floats], best: str, show: Show, count: int = COUNT) -> list[Score]:
    """Each model's score; `best` names the one that the others are compared with."""
    drawn = resamples(len(y), count)
    reference = {name: spread(measure, y, p[best], drawn) for name, measure in MEASURES.items()}
    found = []
    for name, predicted in p.items():
        values, differences = {}, {}
        for what, measure in MEASURES.items():
            value, spreads = measure(y, predicted, None), spread(measure, y, predicted, drawn)
            values[what] = interval(value, spreads)
            differences[what] = interval(value - measure(y, p[best], None), spreads - reference[what])
        found.append(Score(name, values, {} if name == best else differences, list(bins(y, predicted))))
        show(len(found))
    return found
