"""Instructions that folding an event takes, counted by valgrind's callgrind: they do not depend on what else the
machine does.

One process imports everything and makes the events, before callgrind looks: that would take minutes. It forks one for
each case, which folds the first events; that one forks another, which folds the rest. What the two differ by is the
rest, and nothing else.
"""

from __future__ import annotations

import asyncio
import gc
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from aiokafka import TopicPartition

from bench.sources import GA360, STREAM, First, ga360
from bench.stream import Stream
from bench.workers.batch_loop import BATCH, Loop
from bench.workers.common import Fold
from kairos.config.settings import load
from kairos.replay import ticks
from kairos.replay.local import Held as Record
from kairos.replay.local import Local
from kairos.replay.row import Rows, Span
from kairos.simulate.settings import BUSY
from kairos.simulate.shop import Shop
from models.features import SHOPPERS
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore

SHOP = "shop"
"""The simulator's shop, beside the sources of the bench."""
STREAM_EVENTS = 60_000
"""Length of the stream whose first events are folded: 90 days, as ever."""

END = Span([])
"""Tells a worker to fold what it has gathered."""

Work = Callable[[Span], None]


class Case(NamedTuple):
    """What is counted: events of a source, by a worker ("kairos", "fixed" or "batch"), from the `few`th to the
    `many`th."""

    source: str
    worker: str
    few: int
    many: int


def missing() -> str:
    """Why nothing can be counted here; "" if it can."""
    return "" if shutil.which("valgrind") else "valgrind is not installed (Debian: apt install valgrind)"


def counted(cases: Sequence[Case], file: Path | None = None) -> dict[Case, int]:
    """Instructions an event. `file` is the export of ga360. Raises ValueError where valgrind fails."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--instr-atstart=no", sys.executable]
    command += ["-m", __spec__.name, str(file or ""), *(" ".join(map(str, case)) for case in cases)]
    run = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONHASHSEED": "0"}, check=False)
    lines = [tuple(map(int, line.split())) for line in run.stdout.splitlines()]
    if run.returncode or len(lines) != len(cases):
        raise ValueError(f"valgrind: {run.stderr[-600:]}")
    total = {int(pid): int(count) for pid, count in re.findall(r"==(\d+)== Collected : (\d+)", run.stderr)}
    return {cases[number]: (total[rest] - total[first]) // events for number, events, first, rest in lines}


def main() -> None:
    """The process under callgrind: a file (or ""), then cases. Prints of each: number, events, and the two
    processes."""
    file, cases = Path(sys.argv[1]), [_parsed(text) for text in sys.argv[2:]]
    made: dict[str, list[Span]] = {}
    for case in cases:
        if case.source not in made:
            many = max(other.many for other in cases if other.source == case.source)
            made[case.source] = list(ticks.spans(First(_source(case.source, file), many)))
    gc.freeze()  # what a collection walks is then what the worker made: else a count hangs on how many of them it meets
    subprocess.run(["callgrind_control", "--instr=on", str(os.getpid())], stdout=subprocess.DEVNULL, check=True)
    for number, case in enumerate(cases):
        if not os.fork():
            _first(number, case, made[case.source])
            os._exit(0)
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


def _parsed(text: str) -> Case:
    source, worker, few, many = text.split()
    return Case(source, worker, int(few), int(many))


def _first(number: int, case: Case, spans: list[Span]) -> None:
    """Fold the first events, then the rest in another process."""
    work = WORKERS[case.worker]("USD" if case.source == GA360 else "CNY")
    few, many = (sum(1 for _ in until(spans, events)) for events in (case.few, case.many))
    for span in spans[:few]:
        work(span)
    work(END)
    rest = os.fork()
    if not rest:
        for span in spans[few:many]:
            work(span)
        work(END)
        os._exit(0)
    print(number, sum(len(span.rows) for span in spans[few:many]), os.getpid(), rest, flush=True)
    os.waitpid(rest, 0)


def until(spans: Iterable[Span], events: int) -> Iterator[Span]:
    """The spans with the first events, and a few more to the end of an hour.

    >>> from bench.traffic import Traffic
    >>> two = Span(list(Traffic().rows(1, 2, 0)))
    >>> [len(span.rows) for span in until([two, two, two], 3)]
    [2, 2]
    """
    done = 0
    for span in spans:
        if done >= events:
            return
        yield span
        done += len(span.rows)


class Kairos:
    """The engine through one shard on the memory store."""

    def __init__(self, currency: str, every: str) -> None:
        settings = load({"KAIROS_TABLE_EVERY": every, "KAIROS_CURRENCY": currency})
        self.store = MemoryStore()
        self._engine = Local(settings, 1, self.store, MemoryOutputs())

    def __call__(self, span: Span) -> None:
        """Append a span; at the end, fold all there is."""
        if span is END:
            self._engine.turn()
        else:
            self._engine.feed(span)


class Held(dict[str, bytes]):
    """What the loop asks of Redis, in memory."""

    def mget(self, keys: Sequence[str]) -> list[bytes | None]:
        """Profiles, None for one that is not there."""
        return [self.get(key) for key in keys]

    mset = dict.update


class Batches:
    """The loop by hand, with Redis and Kafka in memory."""

    def __init__(self, currency: str) -> None:
        fold = Fold({role: role for role in SHOPPERS.outputs}, currency)
        self.profiles = Held()
        self._loop: Any = Loop(self.profiles, fold, MemoryOutputs())  # type: ignore[arg-type]
        self._rows: Rows = []

    def __call__(self, span: Span) -> None:
        """Gather; fold a batch once there are enough."""
        self._rows += span.rows
        while len(self._rows) >= BATCH or (span is END and self._rows):
            batch, self._rows = self._rows[:BATCH], self._rows[BATCH:]
            records = [Record(0, e or 0, key, value) for e, _, key, value in batch]
            asyncio.run(self._loop.batch({TopicPartition("", 0): records}))


WORKERS: dict[str, Callable[[str], Work]] = {
    "kairos": lambda currency: Kairos(currency, "1d"),
    "fixed": lambda currency: Kairos(currency, "0"),
    "batch": Batches,
}
"""How each begins, by the names of the bench's peers."""


def _source(name: str, file: Path) -> Iterable[Rows]:
    if name == GA360:
        return ga360(file).batches
    if name == STREAM:
        return Stream(STREAM_EVENTS)
    return ([row] for row in Shop(BUSY))


if __name__ == "__main__":
    main()
