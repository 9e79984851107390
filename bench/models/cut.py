"""A moment at which models are asked: what each of them may know, and the truth that they are held against."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple, Protocol

from bench.models.histories import Folded
from bench.models.purchases import Flags, Floats, Histories, Purchases, Whole


class Predictor(Protocol):
    """A model at a cut."""

    def __call__(self, buyers: Sequence[str], days: int) -> Floats:
        """P(at least one buying occasion on the `days` days from the cut on) of each buyer.

        Raises KeyError for a buyer whom it does not know: everybody who bought before the cut must be known.
        """
        ...


class Engine(NamedTuple):
    """What the engine knows at a cut: its models by name; which of them is live; and the gap that it expects after each
    buyer's last occasion (days, in the order of the cut's buyers)."""

    predictors: dict[str, Predictor]
    live: str
    gaps: Floats


class Cut:
    """A data set at the beginning of a day.

    Parameters
    ----------
    purchases
        All of them: of those from the cut on only `ordered` and `gone` tell.
    day
        The first day that is not observed.
    folded
        The engine's state at this moment.
    """

    def __init__(self, purchases: Purchases, day: int, folded: Folded) -> None:
        self.purchases, self.day, self.folded = purchases, day, folded
        self.buyers: Whole = purchases.buyers(day)
        self.names = [purchases.names[i] for i in self.buyers]

    @cached_property
    def histories(self) -> Histories:
        """What the closed forms know."""
        return self.purchases.histories(self.buyers, self.day)

    @cached_property
    def since(self) -> Floats:
        """Days of each buyer from the last occasion's day to the last day observed."""
        return (self.day - 1 - self.purchases.last(self.buyers, self.day)) * 1.0

    def ordered(self, days: int) -> Flags:
        """The truth: who has an occasion on the `days` days from the cut on. ValueError if the data end before."""
        if self.day + days > self.purchases.end:
            raise ValueError(f"day {self.day} and {days} days: the data end with day {self.purchases.end - 1}")
        return self.purchases.occasions(self.buyers, self.day, self.day + days) > 0
