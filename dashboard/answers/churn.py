"""*Churn*: who may not come back, and whether the model that says so is any good."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from dashboard.answers import lift
from dashboard.answers.activity import WEEK, Activity
from dashboard.answers.freshness import Freshness, freshness
from dashboard.shop import ShopView
from dashboard.snapshot import Snapshot
from models.acting.lift import Experiment
from models.churn.card import Card, HorizonCard
from models.churn.contest import PROVEN
from models.churn.scoring import BASELINE

BANDS = ("low", "medium", "high")
CELLS = 10
"""Cells of risk, of the same width."""


class Band(Struct, frozen=True):
    """Buyers by risk: from this one on, up to that one."""

    since: float
    until: float
    buyers: int


class Churn(Struct, frozen=True, kw_only=True):
    """The view.

    Attributes
    ----------
    distribution
        Repeat buyers by risk, the lowest first; empty until a model is known.
    bands
        Who holds ``churn:low``, ``churn:medium``, ``churn:high``, by the second part of the name.
    standing, at_stake
        Alerts that stand, and what is at stake by them.
    raised_today, raised_week
        Alerts raised.
    suppressed
        Why alerts were not sent, within seven days: reason and shoppers.
    experiments
        What alerts bring: the running experiment first.
    card
        The model card; None: no model was computed yet.
    verdict
        Whether the model is any good, in one word: ``none`` (no model yet), ``early`` (not known yet, provisional),
        ``good`` (beats the baseline here beyond chance), ``worse`` (it does not).
    """

    freshness: Freshness
    currency: str
    distribution: tuple[Band, ...]
    bands: dict[str, int]
    standing: int
    at_stake: int
    raised_today: int
    raised_week: int
    suppressed: tuple[tuple[str, int], ...]
    experiments: tuple[Experiment, ...]
    card: Card | None
    verdict: str


def churn(snapshot: Snapshot, shop: ShopView) -> Churn:
    """The view of a snapshot."""
    fresh, summary = freshness(snapshot, shop), snapshot.summary
    seen = Activity(summary, fresh.as_of, shop.settings.time_zone)
    return Churn(
        freshness=fresh,
        currency=shop.settings.currency,
        distribution=distribution(summary.risks),
        bands={name: summary.tags[f"churn:{name}"] for name in BANDS},
        standing=summary.counts["alerts_standing"],
        at_stake=summary.counts["at_stake"],
        raised_today=round(seen.sum("alerts", seen.midnight, seen.as_of + 1)),
        raised_week=round(seen.sum("alerts", seen.as_of - WEEK, seen.as_of + 1)),
        suppressed=seen.beginning("alert_suppressed", seen.as_of - WEEK),
        experiments=lift.of("churn", snapshot, shop),
        card=snapshot.card,
        verdict=verdict(snapshot.card.horizons[0] if snapshot.card else None),
    )


def distribution(risks: Mapping[str, int]) -> tuple[Band, ...]:
    """Repeat buyers by the risk of no order within the horizon; empty where none is known.

    Parameters
    ----------
    risks
        Buyers by the tenth of their risk, "0" to "9".

    >>> distribution({"9": 2})[-1], distribution({})
    (Band(since=0.9, until=1.0, buyers=2), ())
    """
    if not any(risks.values()):
        return ()
    return tuple(Band(place / CELLS, (place + 1) / CELLS, risks.get(str(place), 0)) for place in range(CELLS))


def verdict(horizon: HorizonCard | None) -> str:
    """Whether who judges by a horizon is any good here; see `Churn`."""
    if horizon is None:
        return "none"
    named = {each.name: each for each in horizon.contestants}
    baseline, judge = named[BASELINE], named[horizon.judge]
    if judge.recent.labels < PROVEN:
        return "early"
    if not horizon.provisional:
        return "good"
    if baseline.difference is None or baseline.interval is None:
        return "early"
    return "worse" if baseline.difference + baseline.interval < 0 else "early"
