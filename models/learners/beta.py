"""Shares, with a prior: of all that happened, how much was of this kind?

Each kind's share has a Beta distribution, as `river.proba.Beta` updates it: prior α = S·q and β = S·(1 − q) for a kind
whose share is q elsewhere, one more to α for each observation of the kind, one to β for each of another. Its mean is
(n + S·q) / (N + S): S observations' worth of everybody, then more and more the shopper's own (Gelman et al.,
"Bayesian Data Analysis", 3rd ed., section 2.4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import sqrt

from models.learners.protocol import finite


def expected_share(n: int, total: int, prior: float, strength: float) -> float:
    """Posterior mean of a share of which `n` of `total` were seen, with a prior worth `strength` observations."""
    return (n + strength * prior) / (total + strength)


def tally(pairs: list[int | str], kind: int | str) -> None:
    """One more of `kind` in a flat list of pairs kind, count."""
    kinds = pairs[::2]
    if kind in kinds:
        pairs[2 * kinds.index(kind) + 1] += 1  # type: ignore[operator]
    else:
        pairs += (kind, 1)


class BetaCounts:
    """Counts of kinds.

    Parameters
    ----------
    strength
        S: how many observations the prior is worth.
    most
        Kinds counted; further ones are left out, as if they had not been observed.
    pairs
        The state: kind, count, kind, count, in the order they were first seen. Changed in place.
    """

    __slots__ = ("most", "pairs", "strength")

    def __init__(self, strength: float, most: int, pairs: list[int | str] | None = None) -> None:
        self.strength, self.most, self.pairs = strength, most, [] if pairs is None else pairs

    def learn_one(self, x: int | str) -> None:
        """Count one observation of kind `x`. Raises ValueError if it is a number that is not finite."""
        if not isinstance(x, str):
            finite(x)
        if len(self.pairs) < 2 * self.most or x in self.pairs[::2]:
            tally(self.pairs, x)

    def predict_one(self, x: int | str, prior: float) -> float:
        """Mean of the posterior of kind `x`'s share, where its share elsewhere is `prior`.

        Raises ValueError if the prior is not finite.

        >>> hours = BetaCounts(6, 24)
        >>> for hour in (20, 20, 21): hours.learn_one(hour)
        >>> hours.predict_one(20, 1 / 24), hours.predict_one(3, 0.3)
        (0.25, 0.19999999999999998)
        """
        return self.predict_all({x: prior})[x]

    def predict_all(self, priors: Mapping[int | str, float]) -> dict[int | str, float]:
        """The same for many kinds, given each one's share elsewhere."""
        pairs, total, strength = iter(self.pairs), self.total, self.strength
        counts: dict[int | str, int] = dict(zip(pairs, pairs, strict=True))  # type: ignore[arg-type]
        found = {x: expected_share(counts.get(x, 0), total, prior, strength) for x, prior in priors.items()}
        finite(sum(found.values()))
        return found

    def count(self, x: int | str) -> int:
        """Observations of a kind."""
        return next((n for kind, n in self if kind == x), 0)

    @property
    def total(self) -> int:
        """N: all observations counted."""
        return sum(self.pairs[1::2])  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[tuple[int | str, int]]:
        """Kinds and their counts."""
        return zip(self.pairs[::2], self.pairs[1::2], strict=True)  # type: ignore[arg-type]

    def dump(self) -> list[int | str]:
        """Kind, count, kind, count."""
        return self.pairs

    @classmethod
    def load(cls, state: list[int | str], strength: float, most: int) -> BetaCounts:
        """Go on from what `dump` gave."""
        return cls(strength, most, list(state))


class BetaShare:
    """Share of one kind among observations that are of it or not.

    Parameters
    ----------
    strength
        S: how many observations the prior is worth.
    hits, total
        The state: observations of the kind, and all of them.
    """

    __slots__ = ("hits", "strength", "total")

    def __init__(self, strength: float, hits: int = 0, total: int = 0) -> None:
        self.strength, self.hits, self.total = strength, hits, total

    def learn_one(self, x: float) -> None:
        """Take one observation: whether it was of the kind. Raises ValueError if it is not finite."""
        self.hits += bool(finite(x))
        self.total += 1

    def predict_one(self, prior: float) -> float:
        """Mean of the share's posterior, where the share elsewhere is `prior`. Raises ValueError if that is not finite.

        >>> BetaShare(4, 2, 4).predict_one(0.25)
        0.375
        """
        return expected_share(self.hits, self.total, finite(prior), self.strength)

    def deviation(self, prior: float) -> float:
        """Standard deviation of the same posterior: √(m(1 − m) / (N + S + 1)).

        >>> round(BetaShare(4, 2, 4).deviation(0.25), 4)
        0.1614
        """
        mean = self.predict_one(prior)
        return sqrt(mean * (1.0 - mean) / (self.total + self.strength + 1.0))

    def dump(self) -> list[int]:
        """Observations of the kind, and all of them."""
        return [self.hits, self.total]

    @classmethod
    def load(cls, state: Sequence[int], strength: float) -> BetaShare:
        """Go on from what `dump` gave; from nothing where it is empty."""
        return cls(strength, *state)
