"""The command line: what to measure, how long, where to write it."""

from __future__ import annotations

import signal
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import msgspec
from rich.console import Console

from bench import memory, results
from bench.figures import Run
from bench.inputs import Inputs
from bench.peers import EXTRA, PEERS, ROOT
from bench.progress import progress
from bench.results import Results
from bench.run import Bench
from bench.servers import Servers, servers
from bench.stream import Stream
from bench.worker import WorkerFailed
from kairos.errors import Complaint
from ops.kafka.local import KafkaError
from sinks.embedded import ServerError

PAGE = Path(__file__).with_name("RESULTS.md")
MEMORY = "memory"
DEFAULT = ",".join((*PEERS, MEMORY))


def parser() -> ArgumentParser:
    """The options."""
    p = ArgumentParser(prog="python -m bench", description="What Kairos costs, beside its peers. Rewrites RESULTS.md.")
    p.add_argument("--only", default=DEFAULT, help=f"parts of {DEFAULT},{','.join(EXTRA)}; leaves RESULTS.md alone")
    p.add_argument("--rounds", type=int, default=3, help="how often each peer runs, in turns [3]")
    p.add_argument("--events", type=int, default=600_000, help="length of the stream [600000]")
    p.add_argument("--slow", type=int, default=20_000, help="its last events, for the stock agent [20000]")
    p.add_argument("--timeout", type=float, default=300, help="seconds a run may take [300]")
    p.add_argument("--ga360", type=Path, metavar="FILE", help="Parquet export for the memory figures")
    p.add_argument("--json", type=Path, metavar="FILE", help="write all runs as JSON, too")
    return p


def main() -> None:
    """Measure and write; exit code 1 if something failed, 130 after Ctrl-C or SIGTERM."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    args, console = parser().parse_args(), Console(stderr=True)
    try:
        found = measure(args, console)
    except (WorkerFailed, KafkaError, ServerError, Complaint) as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        console.print("bench: interrupted; nothing was written")
        sys.exit(130)
    page = results.markdown(found)
    print(page, end="")
    if args.only == DEFAULT:
        PAGE.write_text(page)
    if args.json:
        args.json.write_bytes(msgspec.json.format(msgspec.json.encode(found)))


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def measure(args: Namespace, console: Console) -> Results:
    """Everything that was asked for."""
    chosen = args.only.split(",")
    names = [name for name in chosen if name != MEMORY]
    if unknown := set(names) - set(PEERS | EXTRA):
        sys.exit(f"bench: no such part: {', '.join(sorted(unknown))}")
    today, command = datetime.now(UTC).date().isoformat(), results.command(sys.argv[1:])
    found = Results(today, command, results.commit(ROOT), versions=results.versions())
    with tempfile.TemporaryDirectory(prefix="kairos-bench-") as scratch:
        if names:
            with servers(Path(scratch)) as ours:
                found.versions |= ours.versions
                found.runs = rounds(ours, names, args, Path(scratch), console)
        if MEMORY in chosen and args.ga360:
            found.memory = memory.measure(args.ga360, Path(scratch), console)
        elif MEMORY in chosen:
            console.print("memory: left out; name the export with --ga360 FILE", highlight=False)
    return found


def rounds(ours: Servers, names: Sequence[str], args: Namespace, data: Path, console: Console) -> list[Run]:
    """Every peer once, then every peer again."""
    peers, runs = {name: (PEERS | EXTRA)[name] for name in names}, list[Run]()
    inputs = Inputs(ours, Stream(args.events), args.slow, console)
    for source in dict.fromkeys(peer.input for peer in peers.values()):
        inputs.fill(source)
    bench = Bench(ours, inputs, data, args.timeout)
    for number in range(1, args.rounds + 1):
        for name, peer in peers.items():
            title = f"round {number} of {args.rounds}: {name}"
            with progress(console, title, inputs.events(peer.input)) as show:
                run = bench.run(name, peer, number, show)
            console.print(f"{title}: {run.worker:.1f} µs an event, {run.rate:,.0f} events/s", highlight=False)
            runs.append(run)
    return runs
