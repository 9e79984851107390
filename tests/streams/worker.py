"""A worker process over real Kafka with shards that only keep books: `python -m tests.streams.worker '{json}'`.

Arguments: brokers, group, ledger (a file), outputs (a topic or null), and more for `build`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faust

from sinks.kafka_outputs import KafkaOutputs
from sinks.memory_outputs import MemoryOutputs
from streams.faults import Faults
from streams.process import Worker
from streams.records import Input
from streams.shard import Flow
from streams.topology import build
from streams.transport.kafka import Kafka
from tests.streams.fakes import FakeShard, Ledger


class BrokenShard(FakeShard):
    """Fails in its n-th batch."""

    left = 0

    def step(self, *clock: Any) -> bool:
        if super().step(*clock):
            BrokenShard.left -= 1
            if BrokenShard.left == 0:
                raise ValueError("this shard is broken")
            return True
        return False


def new_app(
    brokers: str,
    group: str,
    ledger: str,
    topics: Sequence[str],
    outputs: str | None,
    *,
    break_after: int = 0,
    faults: str = "",
    **options: Any,
) -> faust.App:
    """An app as the command line would build it."""
    books = Ledger(Path(ledger))
    BrokenShard.left = break_after
    out = KafkaOutputs([brokers], [outputs]) if outputs else MemoryOutputs()
    inputs = [Input(topic, rank) for rank, topic in enumerate(topics)]
    flow = Flow("books", inputs, lambda partition, _: BrokenShard(partition, topics, books, out=outputs or ""), out)
    return build(
        group,
        [flow],
        Kafka([brokers]),
        faults=Faults.parse(faults),
        resources=[out] if isinstance(out, KafkaOutputs) else [],
        **options,
    )


def main() -> None:
    app = new_app(**json.loads(sys.argv[1]))
    Worker(app, loglevel="INFO", redirect_stdouts=False).execute_from_commandline()


if __name__ == "__main__":
    main()
