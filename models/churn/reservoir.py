"""The reservoir: a sample of what the shop's buyers did, which a closed form is fitted to anew at each boundary.

A buyer has a label every 14 days. So the labels that matured within 14 days are of as many buyers, and of these the
reservoir has about `MOST`, a part from each boundary. It is part of the table, as bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import expm1
from struct import Struct

import numpy as np

from models.churn.covariates import COVARIATES, STEP, unpack
from models.churn.mbg_nbd import Histories
from models.churn.sequence import Label
from models.kernel.settings import DAY

MOST = 2_000
"""Buyers that it has about: a fit to them takes some 10 ms, and they take 16 kB."""
LONGEST = (1 << 16) - 1
"""More repeats, or days, count as so many."""
_history = Struct(">4H")
"""When the label matured (days); repeats; days from the first occasion to the newest, and to the label's beginning."""
RECENCY, REPEATS = COVARIATES.index("log_recency"), COVARIATES.index("log_repeats")


def renewed(reservoir: bytes, labels: Sequence[Label], at: int, every: int) -> bytes:
    """The reservoir with the labels that matured since the last boundary, without those older than a step.

    Parameters
    ----------
    labels
        Of many a part is taken, spread evenly.
    at
        The boundary, and `every` the time since the one before (ms).
    """
    oldest, part = at // DAY - round(STEP), max(1, MOST * every // (round(STEP) * DAY))
    kept = [history for history in _history.iter_unpack(reservoir) if history[0] >= oldest]
    return b"".join(_history.pack(*history) for history in (*kept, *map(_of, _spread(labels, part))))


def histories(reservoir: bytes) -> Histories:
    """What the buyers did."""
    _, *columns = zip(*_history.iter_unpack(reservoir), strict=True)
    return Histories(*(np.array(column, dtype=np.float64) for column in columns))


def _spread(labels: Sequence[Label], most: int) -> Iterable[Label]:
    """So many labels at most, spread evenly."""
    if len(labels) <= most:
        return labels
    return (labels[i * len(labels) // most] for i in range(most))


def _of(label: Label) -> tuple[int, int, int, int]:
    """The history before a label, by its covariates.

    >>> from models.churn.covariates import pack
    >>> x = [0.0] * 12
    >>> x[RECENCY], x[REPEATS] = 3.0, 1.38629
    >>> _of(Label(7 * DAY, pack(x), True, 50.0))
    (7, 3, 31, 50)
    """
    x = unpack(label.covariates)
    repeats, recency = max(round(expm1(x[REPEATS])), 0), max(0.0, expm1(x[RECENCY]))
    known = max(label.known, recency)  # the first order may have been cancelled since
    tx = known - recency if repeats else 0.0
    return label.matured // DAY, min(repeats, LONGEST), min(round(tx), LONGEST), min(round(known), LONGEST)
