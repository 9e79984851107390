"""The real shop's three months: in Kafka once for all runs, and folded here once, to compare them with."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from kairos import wiring
from kairos.commands import tables
from kairos.config.settings import Settings, load
from kairos.kafka import topics
from kairos.replay import ticks
from kairos.replay.ga360 import Ga360
from kairos.replay.local import Local
from kairos.replay.report import report
from models.rfm.cuts import Cuts
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from sinks.read_model import summary, watermarks
from tests.integration.fleet import CHECKOUT, COMMAND, Fleet, environment, own_state, own_topics
from tests.integration.outcome import Outcome, outcome
from tests.integration.published import Published, published

SHARDS = 8
BATCH = "250"
"""Records of a batch: small, so that there are many places to be killed at."""


def file() -> Path:
    """Where the export is to be."""
    return Path(os.environ.get("KAIROS_GA360") or CHECKOUT.parent / "shared/data/ga360/events.parquet")


class Truth(NamedTuple):
    """What `replay --local --shards 8` comes to; `final` is the last tick."""

    report: Mapping[str, Any]
    outcome: Outcome
    final: int
    tables: Sequence[Cuts]


class Loaded(NamedTuple):
    """The events are in Kafka."""

    variables: Mapping[str, str]
    source: Path
    truth: Truth


def loaded(brokers: str, source: Path) -> Loaded:
    """Write the file into topics of its own, and meanwhile fold it here."""
    variables = own_topics() | {"KAFKA_URL": brokers, "KAIROS_BATCH_RECORDS": BATCH}
    variables["KAIROS_TABLE_HISTORY"] = "0d"  # the file has 92 days
    settings = load(variables)
    topics.create(settings, topics.TopicPlan(partitions=SHARDS), lambda text: None)
    command = [*COMMAND, "replay", str(source), "--format", "ga360", "--json"]
    with subprocess.Popen(command, env=environment(variables), cwd=CHECKOUT, stdout=subprocess.PIPE) as replay:
        truth = folded(settings, source)
        assert replay.stdout is not None
        said = json.loads(replay.stdout.read().splitlines()[-1])
    assert (said["events"], said["ticks"]) == (truth.report["events"], truth.report["ticks"])
    return Loaded(variables, source, truth)


def folded(settings: Settings, source: Path, given: Sequence[Cuts] = ()) -> Truth:
    """The same events through the same engine, in this process."""
    store, outputs = MemoryStore(), MemoryOutputs()
    tables.pin(given, store)
    Local(settings, SHARDS, store, outputs).run(ticks.spans(Ga360([str(source)])))
    said = (Published(p, m.topic, m.key, m.value) for p, m in outputs.messages)
    came_to = outcome(store, settings.shop, said)
    return Truth(report(summary(store), 0), came_to, min(watermarks(store, SHARDS)), tables.stored(store))


class Run:
    """One fold of the topics by a fleet, with namespace, group and output topics of its own."""

    def __init__(self, loaded: Loaded, redis_url: str, directory: Path) -> None:
        self.loaded, self.truth = loaded, loaded.truth
        variables = {**loaded.variables, **own_state(), "REDIS_URL": redis_url}
        self.settings = load(variables)
        self.reader = wiring.reader(self.settings)
        topics.create(self.settings, topics.TopicPlan(partitions=SHARDS), lambda text: None)
        self.fleet = Fleet(variables, SHARDS, directory)

    def give(self, given: Sequence[Cuts]) -> None:
        """Let these tables be there before any worker is."""
        tables.pin(given, wiring.store(self.settings))
        self.truth = folded(self.settings, self.loaded.source, given)

    def finish(self) -> Outcome:
        """Wait until every shard has reached the last tick; end all workers; tell what came of it."""
        self.fleet.until(lambda: min(watermarks(self.reader, SHARDS)) >= self.truth.final, within=200)
        self.fleet.stop()
        return outcome(self.reader, self.settings.shop, published(self.settings))
