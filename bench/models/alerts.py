"""Alerts by share at a cut: who would be called at risk, and who of them does stay away."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bench.models.cut import Cut, Predictor
from bench.models.purchases import Flags, Floats
from bench.models.results import Alerts, Share

SHARES = (0.05, 0.1, 0.2, 0.3)
EARLY = 3
"""An alert within so many days of an order is one too early."""


def alerts(cut: Cut, days: int, predictor: Predictor, gaps: Floats) -> Alerts:
    """Alerts by every share.

    Parameters
    ----------
    days
        Horizon of the risk, and of the verdict.
    gaps
        The gap that the model expects after each buyer's last occasion, in days.
    """
    repeat = cut.histories.x >= 1
    risk, gone = 1 - predictor(cut.names, days), ~cut.ordered(days)
    found = list(shares(risk[repeat], gone[repeat], cut.since[repeat], gaps[repeat]))
    return Alerts(days, int(repeat.sum()), float(gone[repeat].mean()), found)


def shares(risk: Floats, gone: Flags, since: Floats, gaps: Floats) -> Iterator[Share]:
    """By each share, alone and past the own gap. Arrays are of repeat buyers; `since`: their days without an order."""
    for share in SHARES:
        threshold = float(np.quantile(risk, 1 - share))
        for overdue in (False, True):
            told = (risk >= threshold) & ((since >= gaps) if overdue else True)
            right = int((told & gone).sum())
            yield Share(
                share,
                overdue,
                threshold,
                int(told.sum()),
                float(right / told.sum()) if told.any() else None,
                float(right / gone.sum()) if gone.any() else 0.0,
                int((told & (since < EARLY)).sum()),
            )
