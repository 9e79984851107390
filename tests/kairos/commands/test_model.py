"""`kairos model`: the card of the newest model, in words and as JSON; and where there is none."""

from __future__ import annotations

import io
import json
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from rich.console import Console

from kairos.commands import model
from kairos.config.settings import load
from kairos.replay.local import Local
from kairos.replay.row import Span
from models.churn.card import card
from models.churn.contest import PROVEN
from models.churn.model import NAME
from models.churn.scoring import BASELINE, CONTESTANTS, HAZARD, PRIOR, record
from models.kernel.events import ORDER
from models.kernel.settings import DAY
from sinks import read_model
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from tests.conftest import Run
from tests.kairos.replay.test_churn_model import call
from tests.models.churn.shops import BEGIN, sales

DAYS = 40


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    """Forty days of a shop, of two shards."""
    found = MemoryStore()
    rows = [(s.at, ORDER, s.user.encode(), call(s)) for s in sales(1) if s.at < BEGIN + DAYS * DAY]
    Local(load({}), 2, found, MemoryOutputs()).run([Span(list(rows), BEGIN + DAYS * DAY)])
    return found


def shown(store: MemoryStore) -> list[str]:
    out = io.StringIO()
    model.show(Console(file=out), store, as_json=False)
    return out.getvalue().splitlines()


def as_json(store: MemoryStore, capsys: pytest.CaptureFixture[str]) -> Any:
    model.show(Console(file=io.StringIO()), store, as_json=True)
    return json.loads(capsys.readouterr().out)


def test_of_a_shop_without_tables_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(MemoryStore()) == [model.NONE]
    assert as_json(MemoryStore(), capsys) == {}


def test_the_newest_model_in_words(store: MemoryStore) -> None:
    lines = shown(store)
    newest = read_model.model(store)
    assert newest is not None
    assert newest.version == max(store.tables(NAME))
    assert lines[0] == f"model/{newest.version} (2 shards judge by it)"
    assert lines[2] == f"knows       {newest.counts.buyers} buyers, {newest.counts.repeats} repeat orders"
    assert "overdue rule" in lines[3]
    labels = newest.counts.labels.labels
    assert 0 < labels < PROVEN
    at = lines.index("within 14 days: prior judges; provisional, it has not beaten its baseline here yet")
    assert lines[at + 1] == f"  matured predictions of the newest 90 days: {labels}; fewer than 200 prove nothing"
    table = {line.split()[0]: line for line in lines[at + 3 : at + 8]}
    assert list(table) == list(CONTESTANTS)
    assert [name for name, line in table.items() if "judges" in line] == [PRIOR]
    for name in (HAZARD, BASELINE):
        assert table[name].split()[1] == f"{record(newest.counts.scores, 14, name).log_loss:.4f}"
    later = lines.index("within 90 days: prior judges; provisional, it has not beaten its baseline here yet")
    assert lines[later + 1] == "  no matured predictions yet"
    assert lines[-1].startswith(f"weights     one {newest.hazard[0]:+.2f}, log_recency {newest.hazard[1]:+.2f}, ")


def test_as_json_it_is_the_whole_card(store: MemoryStore, capsys: pytest.CaptureFixture[str]) -> None:
    newest = read_model.model(store)
    assert newest is not None
    found = as_json(store, capsys)
    assert found == json.loads(msgspec.json.encode(card(newest)))
    assert found.keys() >= {"model", "horizons", "alerts_from", "weights", "closed_form", "drift"}
    assert found["horizons"][0]["contestants"][0]["recent"]["labels"] == newest.counts.labels.labels


def test_drift_and_alerts_are_told(store: MemoryStore) -> None:
    newest = read_model.model(store)
    assert newest is not None
    lines = list(model.lines(replace(card(newest), drift=(20231201, 20231220), alerts_from=0.71828), 3))
    assert lines[0].endswith("(3 shards judge by it)")
    assert lines[3] == "alerts      from a risk of 71.83% on, once the shopper's own usual gap is over"
    [drift] = [line for line in lines if line.startswith("drift")]
    assert drift.endswith("noticed at 20231201, 20231220")


def test_a_shop_without_redis_says_so(run: Run) -> None:
    refused = run("model")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "no server" in refused.stderr
