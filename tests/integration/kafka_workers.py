"""Worker processes over real Kafka, with shards that only keep books (`tests.streams.worker`)."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.integration.kafka_topics import Topics
from tests.streams.fakes import Ledger


class Worker:
    """One process; what it says goes to a file."""

    leaving = False  # by a signal, so its end is no surprise

    def __init__(self, own: Topics, directory: Path, name: str, **options: Any) -> None:
        self.log = directory / f"{name}.log"
        arguments = {
            "brokers": own.brokers,
            "group": own.group,
            "ledger": str(directory / "ledger.db"),
            "topics": own.inputs,
            "outputs": own.output,
            "clock": "event",
        }
        command = [sys.executable, "-m", "tests.streams.worker", json.dumps(arguments | options)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)

    @property
    def said(self) -> str:
        """The log so far."""
        return self.log.read_text()

    @property
    def claims(self) -> list[set[int]]:
        """The shards of each of its claims, by its own account."""
        return [set(map(int, shards.split(", "))) for shards in re.findall(r"claimed shards ([\d, ]+)", self.said)]

    def running(self) -> None:
        """AssertionError with the log if it ended."""
        assert self.process.poll() is None, f"worker ended with {self.process.returncode}:\n{self.said[-4000:]}"

    def until(self, words: str, within: float = 20.0) -> None:
        """Wait until the log says so."""
        deadline = time.monotonic() + within
        while words not in self.said:
            self.running()
            assert time.monotonic() < deadline, f"no {words!r} within {within} s:\n{self.said[-4000:]}"
            time.sleep(0.05)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def ended(self, within: float = 20.0) -> int:
        """Wait for its end, answer the exit code."""
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {within} s:\n{self.said[-4000:]}") from None

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self.leaving = True
        self.signal(signal.SIGTERM)
        return self.ended()


class Workers:
    """All workers of a test, and their ledger; none outlives it."""

    def __init__(self, topics: Topics, directory: Path) -> None:
        self.topics = topics
        self.directory = directory
        self.ledger = Ledger(directory / "ledger.db")
        self.all: list[Worker] = []

    def start(self, **options: Any) -> Worker:
        """One more."""
        worker = Worker(self.topics, self.directory, f"worker-{len(self.all)}", **options)
        self.all.append(worker)
        return worker

    def share(self, *expected: set[int], within: float = 30.0) -> None:
        """Wait until those that run have claimed these, listed by their first shards. AssertionError if one ended."""
        deadline = time.monotonic() + within
        while (shares := self._shares()) != list(expected):
            self.running()
            assert time.monotonic() < deadline, f"{shares} after {within} s"
            time.sleep(0.05)

    def _shares(self) -> list[set[int]]:
        return sorted((worker.claims[-1] for worker in self.all if worker.claims and not worker.leaving), key=sorted)

    def running(self) -> None:
        """AssertionError with the log of one that ended by itself."""
        for worker in self.all:
            if not worker.leaving:
                worker.running()

    def close(self) -> None:
        """Kill what still runs."""
        for worker in self.all:
            worker.process.kill()
            worker.process.wait()
