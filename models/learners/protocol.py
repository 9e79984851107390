"""What every learner can do: the contract that `tests/models/learners/test_contract.py` runs over all of them.

- `learn_one` takes one observation, and costs the same after a thousand as after one.
- `predict_one` or `score_one` answers from what was learned, and changes nothing.
- `dump` gives the state as plain numbers; the class method `load` goes on from them, and from nothing where they are
  missing. After `load` everything is as it was, to the last bit.
- What is not finite is refused by ValueError, and the state stays as it was.
- It answers step by step what River's class for the same thing does.

`models.profile.learners` lists them.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Protocol, TypeVar

State = Sequence[int | float | str]
"""A learner's state: numbers. (A kind that has no number stands for itself.)"""

X_contra = TypeVar("X_contra", contravariant=True)


class Learner(Protocol[X_contra]):
    """Learns from one observation at a time. Beside these, a learner has `predict_one` or `score_one`, each with
    arguments of its own, and a class method `load` that takes what `dump` gave."""

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
