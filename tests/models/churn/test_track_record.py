"""The track record: against River's metrics, and pairs counted by hand, however it is split."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from river import metrics

from models.churn.posterior import UNIT
from models.churn.track_record import BINS, TrackRecord

Scored = tuple[float, bool]
"""Prediction, what happened."""

scored = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=40)


def drawn(seed: int, n: int = 3_000) -> list[Scored]:
    """Labels of a model that knows the truth up to some noise."""
    random, found = Random(seed), list[Scored]()
    for _ in range(n):
        p = random.betavariate(1, 3)
        found.append((min(max(p + random.gauss(0, 0.03), 0.0), 1.0), random.random() < p))
    return found


def recorded(labels: list[Scored]) -> TrackRecord:
    record = TrackRecord()
    for predicted, ordered in labels:
        record.score(predicted, ordered)
    return record


@pytest.mark.parametrize("seed", range(3))
def test_it_is_rivers(seed: int) -> None:
    labels, river = drawn(seed), metrics.LogLoss()
    auc = metrics.ROCAUC(n_thresholds=BINS + 1)
    for predicted, ordered in labels:
        p = min(max(predicted, 1e-4), 1 - 1e-4)
        river.update(ordered, {True: p, False: 1 - p})
        auc.update(ordered, {True: predicted, False: 1 - predicted})
    record = recorded(labels)
    assert record.log_loss == pytest.approx(river.get(), abs=1e-6)
    assert record.auc == pytest.approx(auc.get(), abs=1e-3)


def test_the_area_is_the_share_of_pairs_that_are_the_right_way_round() -> None:
    """Ties within a cell count half; of the predictions themselves it is off by less than a cell's width."""
    labels = drawn(5, 400)
    cells = np.array([min(int(p * BINS), BINS - 1) for p, _ in labels])
    exact, ordered = np.array([p for p, _ in labels]), np.array([y for _, y in labels])

    def share(values: np.ndarray) -> float:
        apart = values[ordered][:, None] - values[~ordered][None, :]
        return float(((apart > 0) + (apart == 0) / 2).mean())

    record = recorded(labels)
    assert record.auc == pytest.approx(share(cells), rel=1e-12)
    assert abs(record.auc - share(exact)) < 1 / BINS
    assert [TrackRecord().auc, recorded([(0.3, True)]).auc, recorded([(0.3, False)]).auc] == [0.5] * 3


def test_the_brier_score_is_the_mean_squared_error() -> None:
    """(0.2² + 0.9² + 0.5²) / 3."""
    record = recorded([(0.8, True), (0.9, False), (0.5, False)])
    assert record.brier_score == pytest.approx((0.04 + 0.81 + 0.25) / 3, abs=1e-6)
    assert record.expected / UNIT == pytest.approx(2.2, abs=1e-5)
    assert (record.ordered, record.labels, TrackRecord().brier_score, TrackRecord().log_loss) == (1, 3, 0.0, 0.0)


@given(scored, st.lists(st.integers(0, 7), min_size=40, max_size=40))
def test_the_sums_of_shards_are_those_of_one(labels: list[Scored], shards: list[int]) -> None:
    split = [recorded([label for label, at in zip(labels, shards, strict=False) if at == shard]) for shard in range(8)]
    found = TrackRecord()
    for record in reversed(split):
        found = found.plus(record)
    assert found == recorded(labels)
    assert found.plus(split[3], -1).plus(split[3]) == found
    assert (sum(found.missed), sum(found.met)) == (found.labels - found.ordered, found.ordered)
