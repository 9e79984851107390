"""The closed forms at a cut: fitted on every buyer's history before it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.models.closed_forms import CLOSED_FORMS
from bench.models.cut import Cut
from bench.models.fitting import Fitted, fit
from bench.models.purchases import Floats, Histories

RIDGE = 1e-4
"""Of a learning curve's fits: a shop of some weeks has a flat likelihood."""


class Anchor:
    """A fitted closed form. Implements `bench.models.cut.Predictor`."""

    def __init__(self, cut: Cut, fitted: Fitted) -> None:
        self.fitted = fitted
        self._place = {name: i for i, name in enumerate(cut.names)}
        self._histories = cut.histories

    def __call__(self, buyers: Sequence[str], days: int) -> Floats:
        places = np.array([self._place[name] for name in buyers], np.int64)
        return self.fitted.p_order(Histories(*(values[places] for values in self._histories)), days)


def ask(cut: Cut) -> dict[str, Anchor]:
    """All of them by maximum likelihood."""
    return {model.name: Anchor(cut, fit(model, cut.histories)) for model in CLOSED_FORMS}


def ask_young(cut: Cut) -> dict[str, Anchor]:
    """All of them, held back a little: for shops of any age."""
    return {model.name: Anchor(cut, fit(model, cut.histories, RIDGE)) for model in CLOSED_FORMS}
