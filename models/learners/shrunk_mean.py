"""A mean, drawn towards a prior one that is worth some observations.

It is `river.stats.Mean` that goes on from so many observations of the prior's value. As only number and sum are stored,
the prior may be another one at every answer: the shop's of the day.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.learners.protocol import finite


class ShrunkMean:
    """Number and sum of what was learned.

    Parameters
    ----------
    strength
        How many observations the prior is worth.
    count, total
        The state.
    """

    __slots__ = ("count", "strength", "total")

    def __init__(self, strength: float, count: int = 0, total: float = 0.0) -> None:
        self.strength, self.count, self.total = strength, count, total

    def learn_one(self, x: float) -> None:
        """Take one observation. Raises ValueError if it is not finite."""
        self.total += finite(x)
        self.count += 1

    def predict_one(self, prior: float) -> float:
        """The next observation, as expected, where it is `prior` elsewhere.

        >>> basket = ShrunkMean(2.0)
        >>> for x in (4.0, 6.0): basket.learn_one(x)
        >>> basket.predict_one(3.0), ShrunkMean(2.0).predict_one(3.0)
        (4.0, 3.0)
        """
        return (self.strength * prior + self.total) / (self.strength + self.count)

    def dump(self) -> list[int | float]:
        """Number and sum."""
        return [self.count, self.total]

    @classmethod
    def load(cls, state: Sequence[int | float], strength: float) -> ShrunkMean:
        """Go on from what `dump` gave; from nothing where it is empty."""
        return cls(strength, int(state[0]), state[1]) if state else cls(strength)
