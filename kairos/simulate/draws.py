"""Random numbers of every shape the shop needs, from one source.

Only `random.Random.random` is called, since of all its methods Python promises the sequence of that one alone.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from math import exp, log, sqrt
from random import Random
from statistics import NormalDist
from typing import TypeVar

T = TypeVar("T")

_standard = NormalDist().inv_cdf
LEAST = 2.0**-53


def table(weights: Sequence[float]) -> tuple[float, ...]:
    """Weights, not all 0, as the cumulated shares `Draws.index` wants.

    >>> table((1, 3))
    (0.25, 1.0)
    """
    total = sum(weights)
    return tuple(part / total for part in accumulate(weights))


class Draws:
    """Draws, the same for the same seed on every Python.

    >>> Draws(7).pick("abc") == Draws(7).pick("abc")
    True
    """

    def __init__(self, seed: int | str) -> None:
        self.random = Random(seed).random

    def chance(self, share: float) -> bool:
        """True in this share of cases."""
        return self.random() < share

    def pick(self, items: Sequence[T]) -> T:
        """One of the items, all alike."""
        return items[int(self.random() * len(items))]

    def index(self, shares: Sequence[float]) -> int:
        """An index by cumulated shares, see `table`."""
        return min(bisect(shares, self.random()), len(shares) - 1)

    def exponential(self, mean: float) -> float:
        """Time to the next event of a Poisson process."""
        return -log(1.0 - self.random()) * mean

    def geometric(self, mean: float) -> int:
        """A count of 0 or more, each further one as likely as the one before."""
        return int(log(1.0 - self.random()) / log(mean / (1.0 + mean)))

    def normal(self) -> float:
        """Mean 0, variance 1."""
        return _standard(self.random() or LEAST)

    def lognormal(self, median: float, sigma: float) -> float:
        """`sigma` is the standard deviation of the logarithm."""
        return median * exp(sigma * self.normal())

    def gamma(self, shape: float) -> float:
        """Scale 1. Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000)."""
        if shape < 1.0:
            return float(self.gamma(shape + 1.0) * (self.random() or LEAST) ** (1.0 / shape))
        d = shape - 1.0 / 3.0
        c = 1.0 / sqrt(9.0 * d)
        while True:
            x = self.normal()
            v = (1.0 + c * x) ** 3
            if v > 0.0 and log(self.random() or LEAST) < 0.5 * x * x + d - d * v + d * log(v):
                return d * v

    def beta(self, a: float, b: float) -> float:
        """Between 0 and 1, mean a / (a + b)."""
        x = self.gamma(a)
        return x / (x + self.gamma(b) or LEAST)
