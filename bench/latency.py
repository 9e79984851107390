"""How long after an event its message is there: `kairos worker` under the wall clock, at several rates.

One worker, one thing after the other: a backlog, from which its saturation is found; then each rate; then silence, in
which the last carts fall due. The broker itself stamps events and messages, so nothing listens meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from rich.console import Console

from bench import stamped
from bench.delays import Latency, Phase, late, pace
from bench.figures import costs
from bench.inputs import PARTITIONS, write
from bench.pace import send
from bench.peers import Peer, kairos, settings, variables
from bench.process import cpu
from bench.progress import progress
from bench.run import watch
from bench.servers import Servers
from bench.sizes import Sizes
from bench.traffic import Traffic
from bench.worker import Process, alone, counted, worker
from kairos.config.settings import Settings
from kairos.replay.row import Span
from models.kernel.events import ORDER
from models.kernel.settings import MINUTE, SECOND

CART_DELAY = 5 * SECOND
GRACE = 2 * SECOND
LIVE = Peer("", "live", extra={"KAIROS_CART_DELAY": f"{CART_DELAY // SECOND}s"})
PAST = 30 * MINUTE
"""Event time over which the backlog is spread."""
MAKING = 30
"""Rows are made at least so many times as fast as time passes at 1,000 events/s."""
LEAD = 1_500
"""ms for the producer to start."""
WARM = 5 * SECOND
"""At the beginning of each rate, not counted."""
SETTLE = 3.0
TIMEOUT = 600.0


def measure(ours: Servers, sizes: Sizes, data: Path, console: Console) -> Latency:
    """Everything, on topics of its own. Raises WorkerFailed."""
    where, traffic = settings(ours, "live", LIVE.input), Traffic()
    stamped.create(where)
    rows = list(traffic.rows(sizes.backlog * SECOND / PAST, sizes.backlog, _now() - PAST))
    asyncio.run(write(where, [Span(rows)], lambda _: None))
    with ours.client() as redis, worker(kairos("wall"), variables(LIVE, ours, where, 0), data, TIMEOUT) as process:
        with progress(console, "latency: a backlog, for the saturation", sizes.backlog) as show:
            counts = counted(process, redis, where.namespace, PARTITIONS)
            samples = watch(process, ours, counts, sizes.backlog, show)
        saturation = costs(samples, sizes.backlog)["rate"]
        rates = (*sizes.rates, int(saturation / 2))
        phases = []
        for rate, seconds in zip(rates, sizes.seconds, strict=True):
            console.print(f"latency: {rate:,} events/s for {seconds} s", highlight=False)
            phases.append(_phase(process, where, traffic, rate, WARM + seconds * SECOND))
        time.sleep((CART_DELAY + GRACE) / SECOND + SETTLE)
        alone(process)
    return _evaluated(where, saturation, phases)


def _phase(process: Process, where: Settings, traffic: Traffic, rate: int, duration: int) -> Phase:
    """Send at one rate for `duration` ms."""
    events = rate * duration // SECOND
    start = _now() + LEAD + events // MAKING
    rows = list(traffic.rows(rate, events, start))
    sent = {key.decode(): e for e, role, key, _ in rows if role == ORDER and key is not None and e is not None}
    before, began = cpu(process.pid), time.monotonic()
    asyncio.run(send(where, PARTITIONS, rows))
    used = (cpu(process.pid) - before) / (time.monotonic() - began)
    time.sleep(SETTLE)
    return Phase(rate, start + WARM, start + duration, used, sent)


def _evaluated(where: Settings, saturation: float, phases: list[Phase]) -> Latency:
    orders, tags, triggers = stamped.orders(where), stamped.tags(where), stamped.triggers(where)
    paces = [pace(phase, orders, tags, triggers) for phase in phases]
    return Latency(saturation, paces, silent=late(triggers, phases[-1].end, _now()))


def _now() -> int:
    return int(time.time() * 1000)
