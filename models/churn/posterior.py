"""What the shop's labels say about the weights: a Gaussian posterior, and the sums of a day by which it learns.

Bayesian logistic regression by Laplace's approximation (C. M. Bishop, "Pattern Recognition and Machine Learning",
2006, section 4.5), online: yesterday's posterior is today's prior. In natural parameters, the precision A and the shift
A·m, one Newton step from weights m0 on labels (x, y, w) adds two sums to them:

    H = Σ w·q·x xᵀ                     with p = σ(m0·x), q = max(p(1 − p), 1e-6)
    g = H·m0 + Σ w·(y − p)·x

The sums are integers, in units of 2⁻²⁰, each label rounded by itself. So those of shards add up to the same bits
however the labels are spread, and the posterior, worked out in plain floats without a library's algebra, is the same on
every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, sqrt

from msgspec import Struct, field

from models.churn.covariates import COVARIATES
from models.learners.protocol import finite

UNIT = 1 << 20
"""Parts of 1 that the sums count in."""
KEEP = 0.995
"""What a day keeps of all that was learned before it: labels weigh for 200 days in the mean."""
LEAST_CURVATURE = 1e-6
SIZE = len(COVARIATES)
TRIANGLE = SIZE * (SIZE + 1) // 2


def dot(x: Sequence[float], weights: Sequence[float]) -> float:
    """The covariates' weighted sum, added one after the other: `sum` rounds differently from Python 3.12 on."""
    total = 0.0
    for value, weight in zip(x, weights, strict=True):
        total += value * weight
    return total


def sigmoid(z: float) -> float:
    """1 / (1 + e^−z): P(order within a step) by the covariates' weighted sum."""
    return 1.0 / (1.0 + exp(-min(max(z, -30.0), 30.0)))


class LabelSums(Struct, array_like=True):
    """Sums over labels, in units of 2⁻²⁰.

    Attributes
    ----------
    curvature
        H, the upper triangle row by row: 78 numbers of 12 covariates.
    shift
        g: as many as there are covariates.
    labels, positives
        Number of labels, and of those with an order.
    """

    curvature: list[int] = field(default_factory=lambda: [0] * TRIANGLE)
    shift: list[int] = field(default_factory=lambda: [0] * SIZE)
    labels: int = 0
    positives: int = 0

    @classmethod
    def zeros(cls, size: int) -> LabelSums:
        """No labels, of `size` covariates."""
        return cls([0] * (size * (size + 1) // 2), [0] * size)

    def add_label(self, x: Sequence[float], y: bool, weights: Sequence[float], weight: float = 1.0) -> None:
        """Count one matured label.

        Parameters
        ----------
        x
            The covariates, the constant among them.
        y
            Whether an order came within the step.
        weights
            The weights to step from: those in force.
        weight
            How many labels it stands for, where only a sample is counted.

        Raises
        ------
        ValueError
            If a number is not finite: nothing is counted then.
        """
        z = finite(dot(x, weights))  # as are x and the weights, then
        p = sigmoid(z)
        q = finite(weight) * max(p * (1.0 - p), LEAST_CURVATURE)
        turn = (q * z + weight * ((1.0 if y else 0.0) - p)) * UNIT
        products: list[int] = []
        for i, value in enumerate(x):
            scaled = q * value * UNIT
            products += [round(scaled * other) for other in x[i:]]
        self.curvature = [a + b for a, b in zip(self.curvature, products, strict=True)]
        self.shift = [a + round(turn * value) for a, value in zip(self.shift, x, strict=True)]
        self.labels += 1
        self.positives += bool(y)

    def plus(self, other: LabelSums) -> LabelSums:
        """The sums over both ones' labels."""
        return self._combined(other, 1)

    def minus(self, other: LabelSums) -> LabelSums:
        """The sums over these labels without the other's, which are among them."""
        return self._combined(other, -1)

    def _combined(self, other: LabelSums, sign: int) -> LabelSums:
        return LabelSums(
            [a + sign * b for a, b in zip(self.curvature, other.curvature, strict=True)],
            [a + sign * b for a, b in zip(self.shift, other.shift, strict=True)],
            self.labels + sign * other.labels,
            self.positives + sign * other.positives,
        )


class Posterior(Struct, frozen=True, array_like=True):
    """The weights' normal distribution N(m, A⁻¹), in natural parameters.

    Attributes
    ----------
    precision
        A, the upper triangle row by row: 78 numbers of 12 weights.
    shift
        A·m.
    """

    precision: list[float]
    shift: list[float]

    @classmethod
    def prior(cls, mean: Sequence[float], precision: Sequence[float]) -> Posterior:
        """The distribution to begin with: m, and the upper triangle of A row by row.

        >>> Posterior.prior([1.0, 2.0], [4.0, 1.0, 3.0])
        Posterior(precision=[4.0, 1.0, 3.0], shift=[6.0, 7.0])
        """
        shift = [0.0] * len(mean)
        for i, row in enumerate(rows(precision, len(mean))):
            for j, value in enumerate(row, i):
                shift[i] += value * mean[j]
                if j != i:
                    shift[j] += value * mean[i]
        return cls(list(precision), shift)

    def forget(self, prior: Posterior, days: int = 1, keep: float = KEEP) -> Posterior:
        """The distribution, pulled back to the prior by so many days, each of which keeps the share `keep`."""
        kept = 1.0
        for _ in range(days):  # not a power, which another machine's library may round differently
            kept *= keep
        return Posterior(
            [kept * a + (1.0 - kept) * b for a, b in zip(self.precision, prior.precision, strict=True)],
            [kept * a + (1.0 - kept) * b for a, b in zip(self.shift, prior.shift, strict=True)],
        )

    def learn(self, sums: LabelSums) -> Posterior:
        """The distribution after one Newton step on the labels that were summed."""
        return Posterior(
            [a + b / UNIT for a, b in zip(self.precision, sums.curvature, strict=True)],
            [a + b / UNIT for a, b in zip(self.shift, sums.shift, strict=True)],
        )

    def weights(self) -> list[float]:
        """The mean m, by Cholesky's decomposition A = UᵀU. Raises ValueError if A is not positive definite.

        >>> Posterior([4.0, 1.0, 3.0], [6.0, 7.0]).weights()
        [1.0, 2.0]
        """
        u, found = _cholesky(self.precision, len(self.shift)), list(self.shift)
        for i, row in enumerate(u):  # Uᵀ v = A m
            found[i] /= row[0]
            for j, value in enumerate(row[1:], i + 1):
                found[j] -= value * found[i]
        for i in reversed(range(len(u))):  # U m = v
            for j, value in enumerate(u[i][1:], i + 1):
                found[i] -= value * found[j]
            found[i] /= u[i][0]
        return found


def rows(triangle: Sequence[float], size: int) -> list[list[float]]:
    """The rows of an upper triangle, each from the diagonal on.

    >>> rows([1, 2, 3, 4, 5, 6], 3)
    [[1, 2, 3], [4, 5], [6]]
    """
    found, begin = [], 0
    for length in range(size, 0, -1):
        found.append(list(triangle[begin : begin + length]))
        begin += length
    return found


def _cholesky(triangle: Sequence[float], size: int) -> list[list[float]]:
    u = rows(triangle, size)
    for i, row in enumerate(u):
        if not row[0] > 0.0:
            raise ValueError(f"the precision is not positive definite at covariate {i}")
        root = sqrt(row[0])
        row[:] = [value / root for value in row]
        for j in range(i + 1, size):
            factor, below = row[j - i], u[j]
            for k in range(len(below)):
                below[k] -= factor * row[j - i + k]
    return u
