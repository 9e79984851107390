"""One learning step for each matured label: whatever becomes of the workers, the model is an undisturbed run's."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import msgspec
import pytest

from models.churn.counts import Counts, total
from models.churn.model import NAME, Model
from models.churn.scoring import HAZARD, record
from models.features import ShopSettings
from models.kernel.settings import DAY, HOUR
from sinks.memory_store import MemoryStore
from streams.shard import EngineSettings, Shard
from tests.conftest import seeds
from tests.reference.logs import START, Logs
from tests.reference.turns import Turns
from tests.streams.test_tables import INPUTS, fold

DAYS = 36
BUYERS = 9


def regulars(seed: int, buyers: int = BUYERS, after: int = 1, **settings: Any) -> Logs:
    """Buyers who order every few days, in three shards: some orders are reported twice, late, or come to nothing. So
    many days `after` them nothing is bought any more."""
    rng, logs = Random(seed), Logs(3, ShopSettings(table_history=0, table_buyers=2, **settings))
    plan = []
    for buyer in range(buyers):
        at = rng.randrange(5 * DAY)
        while at < DAYS * DAY:
            plan.append((at, f"b{buyer}"))
            at += rng.choice([DAY, 4 * DAY, 9 * DAY, 20 * DAY]) + rng.randrange(DAY)
    day = 0
    for number, (at, user) in enumerate(sorted(plan)):
        while (day + 1) * DAY <= at:
            day += 1
            logs.tick(day * DAY)
        order, late = {"order_id": f"o{number}", "revenue": rng.randrange(5, 90)}, rng.random() < 0.3
        logs.track("Order Completed", user, max(0, at - rng.randrange(14, 22) * DAY) if late else at, **order)
        if rng.random() < 0.2:
            logs.track("Order Completed", user, at, **order)
        if rng.random() < 0.1:
            logs.track("Order Cancelled", user, at + HOUR, order_id=f"o{number}")
    for day in range(DAYS, DAYS + after):
        logs.tick((day + 1) * DAY)
    return logs


def counted(logs: Logs, store: MemoryStore) -> tuple[bytes, list[str | None]]:
    """All shards' counts as a new owner finds them, and the labels that each counted."""
    owners = [Shard(p, logs.partitions, INPUTS, store, logs.settings).claim() for p in range(logs.partitions)]
    sketches: list[Counts] = [owner.ctx.sketches[NAME] for owner in owners]
    return total(sketches).encode(), [store.stats(p).get("labels") for p in range(logs.partitions)]


@pytest.mark.parametrize("seed", seeds(12, quick=2))
def test_a_label_is_learned_once_whatever_befalls_the_workers(seed: int) -> None:
    logs = regulars(seed)
    calm = fold(logs, Random(seed), EngineSettings()).store
    turns = Turns(logs, Random(-seed - 1))
    turns.suffer(250)
    turns.recover()
    assert dict(turns.store.tables(NAME)) == dict(calm.tables(NAME))
    assert counted(logs, turns.store) == counted(logs, calm)
    newest = Model.decode(calm.tables(NAME)[max(calm.tables(NAME))])
    assert newest.counts.labels.labels == record(newest.counts.scores, 14, HAZARD).labels >= 8


@pytest.mark.slow
def test_workers_die_while_labels_mature() -> None:
    """Else the test above shows nothing."""
    met: Counter[str] = Counter()
    for seed in range(8):
        turns = Turns(regulars(seed), Random(-seed - 1))
        turns.suffer(250)
        met.update(turns.mixed)
        met["labels"] += sum(int(turns.store.stats(p).get("labels", "0")) for p in range(3))
    assert {"Fenced", "Unavailable", "Refused", "Crash"} <= met.keys()
    assert met["labels"] > 30


@pytest.mark.parametrize("seed", seeds(6, quick=2))
def test_batches_turns_and_owners_do_not_show_in_what_is_learned(seed: int) -> None:
    logs = regulars(seed)
    whole = fold(logs, Random(seed), EngineSettings())
    assert fold(logs, Random(-seed - 1), most=7).content(logs) == whole.content(logs)
    if seed == 0:  # what is reported after its label is among it
        assert sum(int(whole.store.stats(p).get("label_revised", "0")) for p in range(3)) > 0


def test_what_matures_is_learned_at_the_weights_in_force() -> None:
    """All models but the first: their labels are sums at the weights of the day before."""
    folded = fold(regulars(1), Random(1), EngineSettings())
    models = [Model.decode(value) for _, value in sorted(folded.store.tables(NAME).items())]
    assert [model.version for model in models] == sorted(model.version for model in models)
    assert models[0].version < 20260102
    labels = [model.counts.labels.labels for model in models]
    assert labels == sorted(labels)
    assert len(set(labels)) > 6
    assert {folded.shards[p].ctx.tables[NAME].version for p in range(3)} == {models[-1].version}
    assert msgspec.json.decode(models[-1].encode())["version"] == models[-1].version
    assert folded.shards[0].watermark == START + (DAYS + 1) * DAY
