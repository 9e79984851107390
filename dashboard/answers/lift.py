"""What messages bring: every experiment, by the shoppers who are held out."""

from __future__ import annotations

from msgspec import Struct

from dashboard.answers.freshness import Freshness, freshness
from dashboard.shop import ShopView
from dashboard.snapshot import Snapshot
from models.acting.lift import Experiment, experiments


class Lifts(Struct, frozen=True, kw_only=True):
    """The answer.

    Attributes
    ----------
    holdout
        Share of shoppers held out now.
    experiments
        By programme, of each the running one first, then those with other shares.
    """

    freshness: Freshness
    holdout: float
    experiments: tuple[Experiment, ...]


def lifts(snapshot: Snapshot, shop: ShopView) -> Lifts:
    """The answer of a snapshot."""
    holdout = shop.settings.holdout
    return Lifts(
        freshness=freshness(snapshot, shop),
        holdout=holdout,
        experiments=experiments(snapshot.summary.trials, holdout),
    )


def of(programme: str, snapshot: Snapshot, shop: ShopView) -> tuple[Experiment, ...]:
    """Experiments of one programme."""
    found = experiments(snapshot.summary.trials, shop.settings.holdout)
    return tuple(each for each in found if each.programme == programme)
