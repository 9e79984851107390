"""The limit of churn alerts a day, whatever becomes of the workers: what is raised and held back is an undisturbed
run's, and over all shards never more than the number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import Any

import msgspec
import pytest

from models.churn import least_value, shares
from models.churn.counts import Counts
from models.churn.model import NAME, Model
from models.kernel.settings import DAY
from streams.shard import EngineSettings, Shard
from tests.conftest import seeds
from tests.reference.logs import Logs
from tests.reference.turns import Turns
from tests.streams.test_labels import counted, regulars
from tests.streams.test_tables import INPUTS, fold
from tests.topics import CHURN_ALERTS

BUYERS, AFTER = 15, 30


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model judges with few buyers, and looks back at few days, so that their values matter."""
    monkeypatch.setattr(shares, "KNOWN", 2)
    monkeypatch.setattr(least_value, "WINDOW", 2)


def leaving(seed: int, most: int = 1) -> Logs:
    """Buyers of three shards, who all stop buying."""
    return regulars(seed, BUYERS, AFTER, churn_share=0.9, churn_most=most)


def alerts(messages: Iterable[bytes]) -> dict[str, dict[str, Any]]:
    """Alerts that were raised, by their ids."""
    contents = [msgspec.json.decode(message) for message in messages]
    return {content["id"]: content for content in contents if content["kind"] == "raised"}


def limited(logs: Logs, store: Any) -> list[tuple[dict[int, int], dict[int, int], str | None]]:
    """What each shard counts by days and values, and how many were held back, as a new owner finds them."""
    found = []
    for p in range(logs.partitions):
        counts: Counts = Shard(p, logs.partitions, INPUTS, store, logs.settings).claim().ctx.sketches[NAME]
        found.append((counts.alerts, counts.stakes, store.stats(p).get("churn_held")))
    return found


@pytest.mark.parametrize("seed", seeds(12, quick=2))
def test_a_place_is_taken_once_whatever_befalls_the_workers(seed: int) -> None:
    logs = leaving(seed)
    calm = fold(logs, Random(seed), EngineSettings())
    turns = Turns(logs, Random(-seed - 1))
    turns.suffer(250)
    turns.recover()
    assert dict(turns.store.tables(NAME)) == dict(calm.store.tables(NAME))
    assert counted(logs, turns.store) == counted(logs, calm.store)
    assert limited(logs, turns.store) == limited(logs, calm.store)
    published = [m for driver in turns.drivers for m in driver.published if m.topic == CHURN_ALERTS]
    assert alerts(m.value for m in published) == alerts(calm.said.values())


@pytest.mark.parametrize("seed", seeds(6, quick=2))
def test_batches_turns_and_owners_do_not_show_in_what_is_raised(seed: int) -> None:
    logs = leaving(seed)
    whole, other = fold(logs, Random(seed), EngineSettings()), fold(logs, Random(-seed - 1), most=7)
    assert other.content(logs) == whole.content(logs)
    assert limited(logs, other.store) == limited(logs, whole.store)


@pytest.mark.parametrize("most", [1, 2, 4])
def test_over_all_shards_no_day_has_more_than_the_number(most: int) -> None:
    met: Counter[str] = Counter()
    for seed in range(2):
        logs = leaving(seed, most)
        whole = fold(logs, Random(seed), EngineSettings())
        models = {m.name: m for _, value in whole.store.tables(NAME).items() for m in [Model.decode(value)]}
        found = list(alerts(whole.said.values()).values())
        assert max(Counter(alert["as_of"] // DAY for alert in found).values(), default=0) <= most
        for alert in found:
            if model := models.get(alert["model"].removesuffix("/prior")):
                assert alert["value_at_stake"] >= model.least_value
                met["by model"] += 1
        met["held"] += sum(int(whole.store.stats(p).get("churn_held", "0")) for p in range(3))
        met["valued"] += sum(model.least_value > 0 for model in models.values())
    assert met["by model"] > 3
    assert most > 1 or met["held"] > 3 < met["valued"]
