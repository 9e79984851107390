"""Three months of a real shop as they would have come live: the wall clock says what the event clock says.

Every visitor who touched a cart or ordered, one shard. Each second's records arrive together, and nothing is late.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kairos.config.settings import Settings, load
from kairos.replay import ticks
from kairos.replay.ga360 import Ga360
from kairos.replay.local import Held, Local
from kairos.replay.row import Row
from models.kernel.settings import SECOND
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from sinks.outputs import Message
from streams.records import Chunk, End, Record
from streams.shard import Shard
from tests.reference.compare import distinct
from tests.topics import CART_ABANDONMENTS, CHURN_ALERTS, USER_TAGS

FILE = Path(__file__).resolve().parents[4] / "shared" / "data" / "ga360" / "events.parquet"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FILE.exists(), reason="the ga360 data set is not here"),
]


class Live:
    """One shard under a simulated wall clock."""

    def __init__(self, settings: Settings) -> None:
        inputs = settings.inputs
        made = Shard(0, 1, inputs, MemoryStore(), settings.shop, clock="wall", engine=settings.engine)
        self.shard = made.claim()
        self.topics = [source.topic for source in inputs]
        self.next = dict.fromkeys(self.topics, 0)
        self.said: list[Message] = []

    def second(self, now: int, rows: list[Row]) -> None:
        """What arrives from `now` (ms) on, within a second."""
        self.look(now)
        for role, topic in enumerate(self.topics):
            start, values = self.next[topic], [row for row in rows if row[1] == role]
            records: list[Record] = [Held(start + i, now, row[2], row[3]) for i, row in enumerate(values)]
            if records:
                self.shard.receive(Chunk(topic, 0, start, records))
                self.next[topic] += len(records)
        self.look(now + SECOND)

    def look(self, now: int) -> None:
        """The shard folds what there is at `now` (ms)."""
        ends = {topic: End(offset, now) for topic, offset in self.next.items()}
        while self.shard.step(now, ends):
            self.said += self.shard.outbox
            self.shard.published()


def seconds(rows: Iterator[Row]) -> Iterator[tuple[int, list[Row]]]:
    """Rows by the second they arrive in."""
    for second, group in groupby(rows, key=lambda row: (row[0] or 0) // SECOND):
        yield second * SECOND, list(group)


def by_id(said: list[Message]) -> dict[str, dict[str, Any]]:
    """What was said about carts, churn and tags."""
    return {c["id"]: c for topic, c in distinct(said) if topic in (CART_ABANDONMENTS, CHURN_ALERTS, USER_TAGS)}


def test_live_says_what_history_says(tmp_path: Path) -> None:
    acts = pl.col("event").is_in(["add_to_cart", "remove_from_cart", "purchase"])
    frame = pl.read_parquet(FILE)
    frame = frame.filter(pl.col("visitor").is_in(frame.filter(acts)["visitor"].unique().implode()))
    frame.write_parquet(tmp_path / "carts.parquet")
    settings = load({"KAIROS_TABLE_EVERY": "0"})

    outputs, spans = MemoryOutputs(), list(ticks.spans(Ga360([str(tmp_path / "carts.parquet")])))
    Local(settings, 1, MemoryStore(), outputs).run(spans)
    final = max(span.tick for span in spans if span.tick is not None)

    live = Live(settings)
    for now, rows in seconds(row for span in spans for row in span.rows):
        live.second(now, rows)
    live.look(final + settings.engine.grace)
    live.look(final + settings.engine.grace)

    expected = by_id([message for _, message in outputs.messages])
    assert by_id(live.said) == expected
    assert {"triggered", "recovered", "expired", "raised", "entered"} <= {said["kind"] for said in expected.values()}
    assert "history_skipped" not in live.shard.stats.totals
