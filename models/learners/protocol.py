"""What every learner can do."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Protocol, TypeVar

State = Sequence[int | float | str]
"""A learner's state: numbers. (A kind that has no number stands for itself.)"""

X_contra = TypeVar("X_contra", contravariant=True)


class Learner(Protocol[X_contra]):
    """Learns from one observation at a time. Beside these, a learner has `predict_one` or `score_one`, and a class
    method `load` that takes what `dump` gave."""

    def learn_one(self, x: X_contra) -> None:
        """Take one observation. Raises ValueError if it is not finite: the state then stays as it was."""

    def dump(self) -> State:
        """The state, as it is stored."""


def finite(x: float) -> float:
    """The number itself. Raises ValueError if it is infinite or not a number.

    >>> finite(float("inf"))
    Traceback (most recent call last):
    ValueError: not a finite number: inf
    """
    if not isfinite(x):
        raise ValueError(f"not a finite number: {x}")
    return x
