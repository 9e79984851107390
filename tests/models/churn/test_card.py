"""The model card: read off a table; when a model is proven; which days drift is noticed at."""

from __future__ import annotations

from random import Random

import pytest
from msgspec.structs import replace

from models.churn.card import card, drift, score
from models.churn.counts import Counts
from models.churn.covariates import COVARIATES
from models.churn.model import NONE, PROVEN, WINDOW, Model, computed, first
from models.churn.track_record import TrackRecord, ahead_by_days
from models.kernel.boundaries import version
from models.kernel.settings import DAY

DATE = 20_000 * DAY


def record(labels: int, ordered: float, predicted: float, baseline: float, seed: int = 0) -> TrackRecord:
    """Of buyers who order with a probability, of whom everybody is given the same prediction."""
    random, found = Random(seed), TrackRecord()
    for _ in range(labels):
        found.score(predicted, baseline, random.random() < ordered)
    return found


def model(*days: TrackRecord) -> Model:
    """The newest model of a shop with these days, each added to what the shards had counted."""
    found, counts = first("all"), Counts()
    for number, day in enumerate(days):
        counts.record = counts.record.plus(day)
        packed = Counts.decode(counts.encode())
        found = computed(packed, DATE + number * DAY, found, share=0.1, labels=50_000)
    return found


def test_it_is_read_off_the_table() -> None:
    found = model(record(300, 0.25, 0.24, 0.5), record(300, 0.25, 0.26, 0.5, seed=1))
    shown = card(found)
    assert (shown.model, shown.step_days, shown.window_days) == (f"model/{version(DATE + DAY)}", 14.0, WINDOW)
    assert list(shown.weights) == list(COVARIATES)
    assert list(shown.weights.values()) == list(found.weights)
    assert shown.alerts_from is None
    assert card(replace(found, alert=0.7)).alerts_from == 0.7
    assert shown.all_time == score(found.counts.record)
    assert shown.recent == replace(shown.all_time, interval=ahead_by_days(found.days)[1])
    assert shown.recent.labels == 600
    assert shown.recent.predicted_rate == pytest.approx(0.25, abs=1e-6)
    assert [(begins, n) for begins, n, _ in shown.recent.calibration] == [(0.2, 300), (0.25, 300)]
    assert sum(n * share for _, n, share in shown.recent.calibration) == pytest.approx(found.counts.record.ordered)


def test_before_any_label_nothing_is_scored() -> None:
    shown = card(model(TrackRecord()))
    assert (shown.recent.labels, shown.recent.interval, shown.recent.calibration) == (0, None, ())
    assert (shown.recent.base_rate, shown.recent.log_loss, shown.recent.auc) == (0.0, 0.0, 0.5)
    assert shown.provisional
    assert shown.drift == ()


DAYS = 28
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
    found = model(*(record(n, 0.25, predicted, baseline, seed=seed) for seed, n in enumerate(sizes)))
    assert found.provisional == card(found).provisional == provisional


def test_it_is_judged_by_the_newest_ninety_days() -> None:
    """Bad at first, good since: what is older is in the sums of all time alone."""
    bad, good = record(200, 0.25, 0.9, 0.25), record(20, 0.25, 0.25, 0.9)
    found = model(bad, *[good] * WINDOW)
    assert len(found.days) == WINDOW
    assert [date for date, _ in found.days] == [version(DATE + day * DAY) for day in range(1, WINDOW + 1)]
    assert found.recent.labels == 20 * WINDOW
    assert found.counts.record.labels == 20 * WINDOW + 200
    assert not found.provisional
    assert model(bad, *[good] * (WINDOW - 1)).recent.labels == 20 * (WINDOW - 1) + 200


def test_days_without_a_boundary_keep_their_dates_apart() -> None:
    """Tables of every seventh day: the window is of days, not of tables."""
    found, counts = first("all"), Counts()
    for week in range(20):
        counts.record = counts.record.plus(record(10, 0.25, 0.25, 0.5))
        found = computed(Counts.decode(counts.encode()), DATE + 7 * week * DAY, found, share=0.1, labels=50_000)
    assert len(found.days) == -(-WINDOW // 7)


# Drift.


def days(labels: int, before: float, after: float, seed: int) -> list[tuple[int, TrackRecord]]:
    """Ninety days of so many labels, of which a quarter is expected to order: another share does from the 45th on."""
    return [
        (day, record(labels, before if day < 45 else after, 0.25, 0.25, seed=1_000 * seed + day))
        for day in range(WINDOW)
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
    assert list(drift([(day, record(5, 1.0, 1.0, 0.5)) for day in range(60)])) == []


def test_no_risk_is_that_of_a_shop_without_repeat_buyers() -> None:
    assert model(TrackRecord()).alert == NONE
    assert not model(TrackRecord()).alerts
