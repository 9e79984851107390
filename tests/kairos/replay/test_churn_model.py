"""The churn model of a whole shop through shards and stores: the same bytes from one or eight, what the reference
learns from the same orders, and from the first day no worse than what it began with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from msgspec.structs import astuple

from kairos.config.settings import load
from kairos.replay.local import Local
from kairos.replay.row import Span
from kairos.terminal.times import stamp
from models.churn.contest import PROVEN
from models.churn.contest import losses as losses_of
from models.churn.covariates import COVARIATES
from models.churn.model import NAME, Model
from models.churn.posterior import UNIT
from models.churn.prior import shipped
from models.churn.scoring import BASELINE, HAZARD, PRIOR, record
from models.churn.track_record import loss
from models.kernel.boundaries import boundary
from models.kernel.events import ORDER
from models.kernel.settings import DAY
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from tests.models.churn.shops import BEGIN, Sale, sales
from tests.reference.churn import Bought, Label, Learner
from tests.reference.hazard import Array, Hazard, sigmoid

DAYS = 150
SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 6))]


def call(sale: Sale) -> bytes:
    """An order as Segment tells of it."""
    order = {
        "order_id": f"o{sale.at}",
        "revenue": sale.amount / 100,
        "products": [{"product_id": "p", "quantity": sale.items}],
    }
    message = {"event": "Order Completed", "userId": sale.user, "timestamp": stamp(sale.at), "properties": order}
    return json.dumps(message).encode()


def spans(sold: list[Sale], days: int) -> Iterator[Span]:
    """The orders day by day, each of which a tick ends."""
    for day in range(days):
        begin = BEGIN + day * DAY
        rows = [(s.at, ORDER, s.user.encode(), call(s)) for s in sold if begin <= s.at < begin + DAY]
        yield Span(list(rows), begin + DAY)


@cache
def store(seed: int, shards: int = 1, days: int = DAYS) -> MemoryStore:
    """What a shop leaves after some days."""
    found = MemoryStore()
    Local(load({}), shards, found, MemoryOutputs()).run(spans(sales(seed, days=DAYS), days))
    return found


@cache
def models(seed: int) -> list[Model]:
    """Day by day."""
    tables = store(seed).tables(NAME)
    return [Model.decode(tables[version]) for version in sorted(tables)]


def whole(triangle: tuple[float, ...]) -> Array:
    """A symmetric matrix by its upper triangle."""
    found = np.zeros((len(COVARIATES), len(COVARIATES)))
    found[np.triu_indices(len(COVARIATES))] = triangle
    return found + np.triu(found, 1).T


@cache
def learned(seed: int) -> Learner:
    """By the reference, up to the newest table."""
    bought = [Bought(s.at, s.user, s.amount / 100, s.items) for s in sales(seed, days=DAYS)]
    hazard = Hazard(shipped().mean, whole(shipped().precision))
    first, *_, last = (boundary(model.version) for model in models(seed))
    return Learner(bought, hazard, first).until(last + 1)


def losses(labels: list[Label], weights: Array | None = None) -> Array:
    """Of the stored predictions; of what these weights would have predicted from the same snapshots."""
    said = [label.predicted if weights is None else float(sigmoid(label.x @ weights)) for label in labels]
    return np.array([loss(p, label.ordered) for p, label in zip(said, labels, strict=True)])


@pytest.mark.parametrize("days", [40, pytest.param(DAYS, marks=pytest.mark.slow)])
def test_eight_shards_make_the_tables_of_one_byte_for_byte(days: int) -> None:
    one, eight = (dict(store(1, shards, days).tables(NAME)) for shards in (1, 8))
    assert len(one) >= days
    assert eight == one
    labels = [store(1, 8, days).stats(shard).get("labels", "0") for shard in range(8)]
    assert sum(n != "0" for n in labels) >= 6


@pytest.mark.parametrize("seed", SEEDS)
def test_it_learns_what_the_reference_learns(seed: int) -> None:
    newest, reference = models(seed)[-1], learned(seed)
    counts, labels = newest.counts, reference.labels
    scores = record(counts.scores, 14, HAZARD)
    assert counts.labels.labels == scores.labels == sum(n for n, _ in counts.cells.values()) == len(labels) > 500
    assert counts.labels.positives == scores.ordered == sum(label.ordered for label in labels)
    assert newest.hazard == pytest.approx(reference.hazard.m, abs=1e-4)
    assert np.abs(reference.hazard.m - np.array(shipped().mean)).max() > 0.05
    assert reference.made is not None
    assert astuple(newest.level) == pytest.approx(reference.made[1], rel=1e-5)
    assert newest.usual == pytest.approx(np.mean([label.x for label in labels], axis=0), abs=1e-5)
    assert scores.log_loss == pytest.approx(losses(labels).mean(), abs=1e-5)
    assert scores.expected / UNIT == pytest.approx(sum(label.predicted for label in labels), rel=1e-5)


def test_what_matures_within_an_hour_of_midnight_is_a_step_from_the_weights_of_the_day_before() -> None:
    """Some labels do, and without that the test above would not hold to so many digits."""
    early = [label for label in learned(1).labels if label.matured % DAY < DAY // 24]
    assert len(early) > 10


# Cold start.


@pytest.mark.parametrize("seed", SEEDS)
def test_from_the_first_table_on_it_is_no_worse_than_what_it_began_with(seed: int) -> None:
    """Its sum of losses is never more than one nat behind that of the prior's weights on the same snapshots, which is
    one label's at worst; and after eight weeks, with some 60 labels, it is ahead to stay."""
    labels = learned(seed).labels
    apart = (losses(labels) - losses(labels, np.array(shipped().mean))).cumsum()
    assert apart.max() < 1.0
    assert apart[np.array([label.matured for label in labels]) > BEGIN + 56 * DAY].max() < 0
    assert apart[-1] / len(labels) < -0.01


@pytest.mark.parametrize("seed", SEEDS)
def test_it_is_provisional_at_first(seed: int) -> None:
    first = models(seed)[0]
    assert first.verdict(90).provisional
    assert first.verdict(90).judge == PRIOR
    assert first.hazard == pytest.approx(shipped().mean)
    young = [model for model in models(seed) if model.counts.labels.labels < PROVEN]
    assert young
    assert all((one.verdict(90).judge, one.verdict(90).provisional) == (PRIOR, True) for one in young)
    newest = models(seed)[-1]
    assert newest.verdict(14).judge == HAZARD
    assert losses_of(newest.days, 14).difference(HAZARD, BASELINE).mean < 0
