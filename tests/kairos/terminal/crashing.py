"""A worker process that fails over a hostile string: `python -m tests.kairos.terminal.crashing kairos|faust FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import faust

from kairos import wiring
from kairos.commands import worker
from kairos.config.settings import load
from kairos.kafka import topics
from tests.kairos.terminal.hostile import STRINGS
from tests.streams.embedded import TOPICS, new_app, new_broker, produce
from tests.streams.fakes import FakeShard, Ledger

TEXT = "".join(STRINGS.values())


class Failing(FakeShard):
    """Fails in its first batch."""

    def step(self, *clock: Any) -> bool:
        try:
            raise KeyError(TEXT)
        except KeyError as error:
            raise ValueError(TEXT) from error


def main(program: str, folder: str) -> None:
    """As `kairos worker`, or as `faust -A streams.app worker`, but over memory, and with nothing to check."""
    broker, ledger = new_broker(1), Ledger(Path(folder) / "ledger.db")
    produce(broker, 1)
    app = new_app(broker, ledger, lambda partition, partitions: Failing(partition, TOPICS, ledger))
    wiring.app = lambda settings: app
    topics.check = wiring.preflight = lambda settings: None
    if program == "kairos":
        worker.run(load())
    else:
        faust.Worker(wiring.faust_app(), loglevel="INFO").execute_from_commandline()


if __name__ == "__main__":
    main(*sys.argv[1:])
