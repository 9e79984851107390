"""The model card: read off a table; when a model is proven; which days drift is noticed at."""

from __future__ import annotations

from random import Random

import pytest
from msgspec.structs import replace

from models.churn import contest, scoring
from models.churn.card import card
from models.churn.card import score as card_score
from models.churn.computing import computed
from models.churn.contest import PROVEN, WINDOW
from models.churn.counts import Counts
from models.churn.covariates import COVARIATES
from models.churn.drift import drift
from models.churn.model import NONE, Model, first
from models.churn.scoring import (
    BASELINE,
    CONTESTANTS,
    HAZARD,
    HORIZONS,
    PRIOR,
    RIVER,
    Scores,
    pack,
    score,
    summed,
    unpack,
)
from models.churn.track_record import TrackRecord
from models.kernel.boundaries import version
from models.kernel.settings import DAY

DATE = 20_000 * DAY


def scores(labels: int, ordered: float, predicted: float, baseline: float, seed: int = 0) -> Scores:
    """Of buyers who order with a probability, of whom everybody is given the same prediction."""
    random, found = Random(seed), dict[int, list[TrackRecord]]()
    said = unpack(pack([predicted, predicted, None, None, baseline]))
    for _ in range(labels):
        score(found, 14, said, random.random() < ordered)
    return found


def record(labels: int, ordered: float, predicted: float, seed: int = 0) -> TrackRecord:
    """The hazard's of them."""
    return scoring.record(scores(labels, ordered, predicted, predicted, seed), 14, HAZARD)


def model(*days: Scores) -> Model:
    """The newest model of a shop with these days, each added to what the shards had counted."""
    found, counts = first("all"), Counts()
    for number, day in enumerate(days):
        counts.scores = scoring.plus(counts.scores, day)
        packed = Counts.decode(counts.encode())
        found = computed(packed, DATE + number * DAY, found, share=0.1, labels=50_000)
    return found


def test_it_is_read_off_the_table() -> None:
    found = model(scores(300, 0.25, 0.24, 0.5), scores(300, 0.25, 0.26, 0.5, seed=1))
    shown = card(found)
    assert (shown.model, shown.step_days, shown.window_days) == (f"model/{version(DATE + DAY)}", 14.0, WINDOW)
    assert list(shown.weights) == list(COVARIATES)
    assert list(shown.weights.values()) == list(found.hazard)
    assert shown.alerts_from is None
    assert card(replace(found, alert=0.7)).alerts_from == 0.7
    step, *longer = shown.horizons
    assert [(one.days, one.judge, one.provisional) for one in shown.horizons] == [(n, PRIOR, True) for n in HORIZONS]
    assert all(each.recent.labels == 0 for one in longer for each in one.contestants)
    by_name = {one.name: one for one in step.contestants}
    assert list(by_name) == list(CONTESTANTS)
    assert [name for name, one in by_name.items() if one.judges] == [PRIOR]
    hazard, baseline = by_name[HAZARD], by_name[BASELINE]
    assert hazard.all_time == hazard.recent == card_score(scoring.record(found.counts.scores, 14, HAZARD))
    assert hazard.recent.labels == 600
    assert hazard.recent.predicted_rate == pytest.approx(0.25, abs=1e-4)
    assert [(begins, n) for begins, n, _ in hazard.recent.calibration] == [(0.2, 300), (0.25, 300)]
    ordered = scoring.record(found.counts.scores, 14, HAZARD).ordered
    assert sum(n * share for _, n, share in hazard.recent.calibration) == pytest.approx(ordered)
    apart = contest.losses(found.days, 14).difference(BASELINE, PRIOR)
    assert (baseline.difference, baseline.interval) == (apart.mean, apart.half)
    assert baseline.difference == pytest.approx(baseline.recent.log_loss - by_name[PRIOR].recent.log_loss, abs=1e-6)
    assert (by_name[PRIOR].difference, by_name[RIVER].difference, by_name[RIVER].recent.labels) == (None, None, 0)


def test_before_any_label_nothing_is_scored() -> None:
    shown = card(model({}))
    for horizon in shown.horizons:
        assert (horizon.judge, horizon.provisional) == (PRIOR, True)
        for one in horizon.contestants:
            assert (one.recent.labels, one.interval, one.recent.calibration) == (0, None, ())
            assert (one.recent.base_rate, one.recent.log_loss, one.recent.auc) == (0.0, 0.0, 0.5)
    assert (shown.drift, shown.rival, shown.closed_form, shown.orders_scale) == ((), None, None, 1.0)


DAYS = 42
"""On which labels mature."""


@pytest.mark.parametrize(
    ("labels", "predicted", "baseline", "provisional"),
    [
        (PROVEN - 1, 0.25, 0.6, True),  # too few
        (PROVEN, 0.25, 0.6, False),
        (5_000, 0.6, 0.25, True),  # worse
        (5_000, 0.25, 0.25, True),  # no better
        (400, 0.25, 0.26, True),  # better perhaps
    ],
)
def test_it_is_provisional_until_it_is_better_beyond_doubt(
    labels: int, predicted: float, baseline: float, provisional: bool
) -> None:
    each = labels // DAYS
    sizes = [each] * (DAYS - 1) + [labels - each * (DAYS - 1)]
    found = model(*(scores(n, 0.25, predicted, baseline, seed=seed) for seed, n in enumerate(sizes)))
    assert card(found).horizons[0].provisional == found.verdict(14).provisional == provisional


def test_it_is_judged_by_the_newest_ninety_days() -> None:
    """Bad at first, good since: what is older is in the sums of all time alone."""
    bad, good = scores(200, 0.25, 0.9, 0.25), scores(20, 0.25, 0.25, 0.9)
    found = model(bad, *[good] * WINDOW)
    assert len(found.days) == WINDOW
    assert [date for date, _ in found.days] == [version(DATE + day * DAY) for day in range(1, WINDOW + 1)]
    hazard = card(found).horizons[0].contestants[0]
    assert (hazard.recent.labels, hazard.all_time.labels) == (20 * WINDOW, 20 * WINDOW + 200)
    assert not found.verdict(14).provisional
    assert summed(model(bad, *[good] * (WINDOW - 1)).days, 14, HAZARD).labels == 20 * (WINDOW - 1) + 200


def test_days_without_a_boundary_keep_their_dates_apart() -> None:
    """Tables of every seventh day: the window is of days, not of tables."""
    found, counts = first("all"), Counts()
    for week in range(20):
        counts.scores = scoring.plus(counts.scores, scores(10, 0.25, 0.25, 0.5))
        found = computed(Counts.decode(counts.encode()), DATE + 7 * week * DAY, found, share=0.1, labels=50_000)
    assert len(found.days) == -(-WINDOW // 7)


# Drift.


def days(labels: int, before: float, after: float, seed: int) -> list[tuple[int, TrackRecord]]:
    """Ninety days of so many labels, of which a quarter is expected to order: another share does from the 45th on."""
    return [
        (day, record(labels, before if day < 45 else after, 0.25, seed=1_000 * seed + day)) for day in range(WINDOW)
    ]


@pytest.mark.parametrize("labels", [60, 400])
@pytest.mark.parametrize("after", [0.125, 0.4])
def test_a_shop_whose_rate_halves_is_noticed(labels: int, after: float) -> None:
    for seed in range(3):
        noticed = list(drift(days(labels, 0.25, after, seed)))
        assert noticed
        assert 45 < noticed[0] < (75 if labels == 60 else 60)


@pytest.mark.parametrize("seed", range(10))
def test_what_stays_as_expected_is_no_drift(seed: int) -> None:
    assert list(drift(days(30, 0.25, 0.25, seed))) == []


def test_days_without_labels_are_passed_over() -> None:
    known = days(100, 0.25, 0.125, 1)
    gaps = [one for day in known for one in (day, (-1, TrackRecord()))]
    assert list(drift(gaps)) == list(drift(known)) != []


def test_no_certain_prediction_is_divided_by_nothing() -> None:
    assert list(drift([(day, record(5, 1.0, 1.0)) for day in range(60)])) == []


def test_no_risk_is_that_of_a_shop_without_repeat_buyers() -> None:
    assert model({}).alert == NONE
    assert not model({}).alerts
