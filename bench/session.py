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

from bench import idle, kafka_streams, latency, memory, options, recovery, results, sampled, scale
from bench.inputs import Inputs
from bench.peers import EXTRA, JAVA, PEERS, ROOT, Peer
from bench.progress import Show, progress
from bench.results import Results
from bench.run import Bench
from bench.servers import servers
from bench.stream import Stream
from bench.worker import WorkerFailed
from kairos.errors import CommandError

FAILURES = (WorkerFailed, CommandError, RedisError, OSError, RuntimeError)
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
        today = datetime.now(UTC).date().isoformat()
        self.found = Results(today, results.command(sys.argv[1:]), results.commit(ROOT), versions=results.versions())

    def run(self, parts: Sequence[str]) -> Results:
        """Everything that was asked for. Raises KafkaError or ServerError where there are no servers."""
        found, sizes = self.found, self.sizes
        names = [name for name in parts if name in PEERS | EXTRA]
        with servers(self._data) as ours:
            found.versions |= ours.versions
            shared = (ours, sizes, self._data, self._console)
            inputs = Inputs(ours, Stream(sizes.events), sizes.slow, self._console)
            measures: dict[str, Callable[[], None]] = {
                options.PROFILE: lambda: setattr(found, "sampled", sampled.measure(inputs, self._data, self._console)),
                options.LATENCY: lambda: setattr(found, "latency", latency.measure(*shared)),
                options.RECOVERY: lambda: setattr(found, "recovery", recovery.measure(*shared)),
                options.SCALE: lambda: setattr(found, "scale", scale.measure(*shared)),
                options.IDLE: lambda: setattr(found, "idle", idle.measure(ours, sizes, self._console)),
            }
            if options.MEMORY in parts:  # first: bytes do not mind who else uses the machine
                self._part(options.MEMORY, self._memory)
            if names:
                self._part("CPU an event", lambda: self._rounds(inputs, names))
            for part in parts:
                if part in measures:
                    self._part(part, measures[part])
        return found

    def _part(self, name: str, measure: Callable[[], None]) -> None:
        try:
            measure()
        except FAILURES as error:
            self._console.print(f"{name}: {error}", highlight=False, markup=False)
            self.found.left_out[name] = str(error).partition("\n")[0]
        self._keep(self.found)

    def _memory(self) -> None:
        if not self._args.ga360:
            raise WorkerFailed("name the export with --ga360 FILE")
        self.found.memory = memory.measure(self._args.ga360, self._data, self._console)

    def _rounds(self, inputs: Inputs, names: Sequence[str]) -> None:
        """Every peer once, then every peer again."""
        sizes = self.sizes
        peers = {name: (PEERS | EXTRA)[name] for name in names if name != JAVA or self._java()}
        for source in dict.fromkeys(peer.input for peer in peers.values()):
            inputs.fill(source)
        self.found.looks = inputs.stream.looks()
        bench = Bench(inputs.servers, inputs, self._data, self._args.timeout)
        for number in range(1, sizes.rounds + 1):
            for name, peer in peers.items():
                title = f"round {number} of {sizes.rounds}: {name}"
                with progress(self._console, title, inputs.events(peer.input)) as show:
                    self._part(title, partial(self._run, bench, name, peer, number, show))

    def _run(self, bench: Bench, name: str, peer: Peer, number: int, show: Show) -> None:
        run = bench.run(name, peer, number, show)
        self._console.print(f"{name}: {run.worker:.1f} µs an event, {run.rate:,.0f} events/s", highlight=False)
        self.found.runs.append(run)

    def _java(self) -> bool:
        """Whether the peer in Java can run."""
        if reason := kafka_streams.missing():
            self.found.left_out[JAVA] = reason
            return False
        kafka_streams.build()
        return True


def measure(args: Namespace, data: Path, console: Console, keep: Keep) -> Results:
    """What `args` ask for; `data` is a directory for everything that is written meanwhile."""
    return Session(args, data, console, keep).run(options.chosen(args))
