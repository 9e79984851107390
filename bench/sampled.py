"""Where a worker's time goes: `kairos worker` under a sampling profiler (py-spy), on a whole history.

Only a thread that holds the interpreter's lock is sampled: that is the Python code, and the C code it calls. Sampling
costs some time itself, so that shares are to be read, not µs; what a worker costs is measured without it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from msgspec import Struct
from rich.console import Console

from bench.checkout import HERE
from bench.inputs import PARTITIONS, Inputs, create
from bench.peers import PEERS, settings, variables
from bench.process import children
from bench.progress import progress
from bench.sources import Source
from bench.worker import WorkerFailed, counted, worker

RATE = 100
"""Samples a second."""
TIMEOUT = 600.0
PEER = "kairos"

STAGES = {
    "reading and merging": "plan (streams/plan.py",
    "loading profiles": "_load (streams/claimed.py",
    "folding timers": "timer (models/fold.py",
    "folding events": "event (models/fold.py",
    "the rest of the fold": "run (streams/batch.py",
    "encoding the commit and its outputs": "_gather (streams/claimed.py",
    "trips to Redis, as its client": "together (sinks/redis_store.py",
    "sending outputs": "publish (sinks/kafka_outputs.py",
    "fetching from Kafka": "getall (aiokafka/consumer/fetcher.py",
    "Kafka's client otherwise": "(aiokafka/",
}
"""Stages, by what the stack of a sample holds; the first that fits."""
OTHER = "event loops, threads, start"


class Sampled(Struct, frozen=True):
    """Samples in all, by stage, and by function (without what it calls), the most first."""

    samples: int
    stages: dict[str, int]
    functions: dict[str, int]


def measure(inputs: Inputs, source: Source, data: Path, console: Console) -> Sampled:
    """One run over a whole history. Raises WorkerFailed."""
    peer, ours = PEERS[PEER], inputs.servers
    feed = inputs.feed(source, peer.input)
    where = settings(ours, f"sampled-{source.name}", feed)
    create(where)
    output = data / f"{source.name}.raw"
    spy = [str(Path(sys.executable).with_name("py-spy")), "record", "--gil", "--format", "raw", "--rate", str(RATE)]
    command = [*spy, "--output", str(output), "--", *HERE.kairos("event")]
    with ours.client() as redis, progress(console, "where the time goes", feed.events) as show:
        redis.flushall(asynchronous=True)
        env = variables(peer, ours, where, feed)
        with worker(command, env, data, TIMEOUT) as process:
            for done in counted(process, redis, where.namespace, PARTITIONS):
                show(done)
                if done >= feed.events:
                    break
            else:
                raise WorkerFailed("it ended before all events were folded")
            for child in children(process.pid):  # the profiler writes its file when the worker ends
                os.kill(child, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(30)
    if not output.exists():
        raise WorkerFailed("the profiler left no samples: may it trace processes here?")
    found = shares(output.read_text().splitlines())
    console.print(f"where the time goes: {found.samples:,} samples", highlight=False)
    return found


def shares(lines: Iterable[str]) -> Sampled:
    """Count samples: each line is a stack, outermost first and with line numbers, and how often it was seen.

    >>> shares(["run (a.py:1);run (streams/batch.py:9);event (models/fold.py:7) 3", "wait (asyncio/base.py:2) 1"])
    Sampled(samples=4, stages={'folding events': 3, 'event loops, threads, start': 1}, \
functions={'event (models/fold.py)': 3, 'wait (asyncio/base.py)': 1})
    """
    stages: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    for line in lines:
        stack, count = line.rsplit(" ", 1)
        stages[next((stage for stage, mark in STAGES.items() if mark in stack), OTHER)] += int(count)
        functions[stack.rsplit(";", 1)[-1].rsplit(":", 1)[0] + ")"] += int(count)
    return Sampled(stages.total(), dict(stages.most_common()), dict(functions.most_common(20)))
