"""One session: every part that was asked for, one after the other, on the same servers."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from redis import RedisError
from rich.console import Console

from bench import (
    act,
    checkout,
    counted,
    dashboard,
    due,
    idle,
    kafka_streams,
    live,
    load,
    memory,
    options,
    recovery,
    results,
    sampled,
    scale,
)
from bench.churn import measure as churn
from bench.figures import Run
from bench.inputs import Inputs
from bench.peers import EXTRA, JAVA, PEERS
from bench.progress import progress
from bench.results import Made, Results, Table
from bench.run import Bench
from bench.servers import Servers, servers
from bench.sources import GA360, NAMES, STREAM, Source, ga360, stream
from bench.worker import WorkerFailed
from kairos.errors import CommandError

FAILURES = (WorkerFailed, CommandError, RedisError, OSError, RuntimeError, ValueError)
"""What ends a part; the Kafka clients' errors are RuntimeErrors."""

Keep = Callable[[Results], None]


class Session:
    """Measures parts; one that fails is left out, with the reason, and the others go on.

    Parameters
    ----------
    keep
        Called with what is known after each part.
    """

    def __init__(self, args: Namespace, data: Path, console: Console, keep: Keep) -> None:
        self.sizes = options.sizes(args)
        self._args, self._data, self._console, self._keep = args, data, console, keep
        self._against = checkout.other(args.against) if args.against else None
        today = datetime.now(UTC).date().isoformat()
        self._made = Made(today, checkout.HERE.commit, results.command(sys.argv[1:]))
        self.found = Results(versions=results.versions())
        self.sources = {STREAM: stream(self.sizes.events)}
        if args.ga360:
            self.sources[GA360] = ga360(args.ga360, self.sizes.history)

    def run(self, parts: Sequence[str]) -> Results:
        """Everything that was asked for. Raises KafkaError or ServerError where there are no servers."""
        with servers(self._data) as ours:
            self.found.versions |= ours.versions
            measures = self._measures(ours, Inputs(ours, self.sizes.slow, self._console))
            for part in parts:
                self._part(part, measures[part])
        return self.found

    def _measures(self, ours: Servers, inputs: Inputs) -> dict[str, Callable[[], object]]:
        """How each part is measured: what it returns is kept under the part's name."""
        sizes, data, console, args = self.sizes, self._data, self._console, self._args
        return {
            GA360: lambda: self._rounds(inputs, self.sources[GA360]),
            STREAM: lambda: self._rounds(inputs, self.sources[STREAM]),
            options.INSTRUCTIONS: lambda: counted.measure(self.sources, args.ga360, self._made, console),
            options.PROFILE: lambda: self._profiles(inputs),
            options.CHURN: lambda: churn.measure(sizes, args.ga360, args.cdnow, data, console),
            options.LIVE: lambda: live.measure(ours, sizes, self._against, data, console),
            options.LOAD: lambda: load.measure(ours, sizes, data, console),
            options.MEMORY: lambda: memory.measure(args.ga360, data, console),
            options.RECOVERY: lambda: recovery.measure(ours, sizes, data, console),
            options.SCALE: lambda: scale.measure(ours, sizes, data, console),
            options.IDLE: lambda: idle.measure(ours, sizes, console),
            options.DUE: lambda: due.measure(ours, sizes, console),
            options.ACT: lambda: act.measure(ours, sizes, data, console),
            options.PAGE: lambda: dashboard.measure(ours, sizes, console),
        }

    def _part(self, part: str, measure: Callable[[], object]) -> None:
        try:
            found = measure()
        except FAILURES as error:
            self._failed(part, error)
        else:
            if part in NAMES:
                assert isinstance(found, Table)
                self.found.tables[part] = found
            else:
                setattr(self.found, part, found)
            self.found.made[part] = self._made
        self._keep(self.found)

    def _failed(self, name: str, error: BaseException) -> None:
        self._console.print(f"{name}: {error}", highlight=False, markup=False)
        self.found.left_out[name] = str(error).partition("\n")[0]

    def _profiles(self, inputs: Inputs) -> dict[str, sampled.Sampled]:
        """Real traffic first."""
        names = [name for name in NAMES if name in self.sources]
        return {name: sampled.measure(inputs, self.sources[name], self._data, self._console) for name in names}

    def _rounds(self, inputs: Inputs, source: Source) -> Table:
        """Every peer once, then every peer again. WorkerFailed if no run came to its end."""
        found = Table([], inputs.warm(source).looks)
        names = [name for name in options.peers(self._args) if name != JAVA or self._java()]
        feeds = {name: inputs.feed(source, (PEERS | EXTRA)[name].input) for name in names}
        bench = Bench(inputs.servers, self._data, self._args.timeout)
        for number in range(1, self.sizes.rounds + 1):
            for name, feed in feeds.items():
                title = f"{source.name}: round {number} of {self.sizes.rounds}, {name}"
                with progress(self._console, title, feed.events) as show:
                    run = partial(bench.run, name, (PEERS | EXTRA)[name], feed, number, show)
                    self._run(title, run, found)
        if not found.runs:
            raise WorkerFailed("no run came to its end")
        return found

    def _run(self, title: str, measure: Callable[[], Run], table: Table) -> None:
        try:
            run = measure()
        except FAILURES as error:
            self._failed(title, error)
            return
        self._console.print(f"{title}: {run.worker:.1f} µs an event, {run.rate:,.0f} events/s", highlight=False)
        table.runs.append(run)

    def _java(self) -> bool:
        """Whether the peer in Java can run."""
        if reason := kafka_streams.missing():
            self.found.left_out[f"{STREAM}: {JAVA}"] = reason
            return False
        kafka_streams.build()
        return True


def measure(args: Namespace, data: Path, console: Console, keep: Keep) -> Results:
    """What `args` ask for; `data` is a directory for everything that is written meanwhile."""
    return Session(args, data, console, keep).run(options.chosen(args))
