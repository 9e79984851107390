"""The rival in the whole engine: the same tables of one shard and of eight."""

from __future__ import annotations

from random import Random

import msgspec
import pytest

from kairos.config.settings import load
from kairos.replay import ticks
from kairos.replay.local import Local
from kairos.replay.row import Row, Rows
from kairos.terminal.times import stamp
from models.churn import reservoir, scoring, sequence
from models.churn.model import NAME, Model
from models.kernel.events import ORDER
from models.kernel.settings import DAY
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore

START = 1_767_225_600_000
DAYS = 60


def order(at: int, user: str, number: int) -> Row:
    properties = {"order_id": f"o-{number}", "revenue": 10 + number % 40}
    call = {"event": "Order Completed", "userId": user, "timestamp": stamp(at), "properties": properties}
    return at, ORDER, user.encode(), msgspec.json.encode(call)


def shop(seed: int) -> Rows:
    """Forty buyers, who order once in 5 to 45 days."""
    random, found = Random(seed), []
    for i in range(40):
        at = START + random.randrange(20 * DAY)
        while at < START + DAYS * DAY:
            found.append((at, f"b{i}"))
            at += round((5 + i) * DAY * random.uniform(0.5, 1.5))
    return [order(at, user, number) for number, (at, user) in enumerate(sorted(found))]


def models(rows: Rows, shards: int, maker: str) -> dict[int, bytes]:
    """The tables that a fold of so many shards leaves, by version."""
    store = MemoryStore()
    Local(load({"KAIROS_CHURN_RIVAL": maker}), shards, store, MemoryOutputs()).run(ticks.spans([rows]))
    return dict(store.tables(NAME))


@pytest.mark.parametrize(
    ("seed", "maker"), [(1, "models.churn.rival:standard"), (2, "tests.models.churn.rivals:counted")]
)
def test_tables_are_the_same_of_one_shard_and_of_eight(seed: int, maker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequence, "MOST", seed)  # with one label a day the rival learns from some buyers only
    rows = shop(seed)
    one, eight = models(rows, 1, maker), models(rows, 8, maker)
    assert one == eight
    newest = Model.decode(one[max(one)])
    labels = newest.counts.labels.labels
    assert labels > newest.rival.labels > 10
    assert labels > scoring.summed(newest.days, 14, scoring.RIVER).labels > 10
    assert len(reservoir.histories(newest.reservoir).x) > 3
    assert newest.closed_form is not None
    assert newest.rival_thinning > 0
