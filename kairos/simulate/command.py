"""`kairos simulate`: a shop into Kafka, or into a file."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable
from typing import Any

from rich.console import Console

from kairos.config.settings import Settings, required
from kairos.errors import Stopped
from kairos.replay import ticks
from kairos.replay.progress import Meter, meter
from kairos.replay.report import show
from kairos.replay.row import Span
from kairos.simulate import options as asked
from kairos.simulate.options import SimulateOptions
from kairos.simulate.pace import Slow, batches, not_ahead
from kairos.simulate.settings import SimulationSettings
from kairos.simulate.shop import Shop
from kairos.simulate.stop import Stop
from kairos.terminal.lines import say
from kairos.terminal.times import iso
from models.kernel.settings import DAY


def simulate(settings: Settings, options: SimulateOptions, console: Console) -> None:
    """Let the shop live, and print what was written: on standard output, unless events go there."""
    if options.out is None:
        required(settings.brokers, "KAFKA_URL", "where should the events go? Or write them to a file: --out FILE")
    started = time.monotonic()
    plan = asked.shop(options, _now())
    with Stop() as stop, _meter(console, plan) as progress:
        rows = batches(Shop(plan), asked.due(options, plan.start), lambda: stop.asked, _slow(options, console))
        spans = not_ahead(ticks.spans(rows), _now) if options.out is None else ticks.spans(rows)
        result = _write(settings, options, spans, progress)
    result["seconds"] = round(time.monotonic() - started, 2)
    _tell(options, result, console)
    if options.out is None and plan.end is not None and _now() - plan.end > DAY:
        say(console, "history: run `kairos worker --clock event`")
    if stop.asked and not options.endless:
        raise Stopped("stopped before the end; what was written is whole, and ends with its ticks")


def _slow(options: SimulateOptions, console: Console) -> Slow:
    """Says that not as many events go out as were asked for."""
    wanted = "fewer than are due" if options.rate is None else f"not {options.rate:,.10g}"
    why = "this machine or Kafka is too slow for more"
    return lambda rate: say(console, f"behind: {rate:,.1f} events/s go out, {wanted}; {why}")


def _write(settings: Settings, options: SimulateOptions, spans: Iterable[Span], progress: Meter) -> dict[str, Any]:
    if options.out is None:
        return asyncio.run(_to_kafka(settings, spans, progress))
    from kairos.simulate.files import FileTarget

    file = FileTarget(options.out)
    file.run(spans, progress)
    return {"events": file.events}


async def _to_kafka(settings: Settings, spans: Iterable[Span], progress: Meter) -> dict[str, Any]:
    from kairos.replay.kafka import KafkaTarget

    async with KafkaTarget(settings) as target:
        await target.run(spans, progress)
        return {"events": target.events, "ticks": target.ticks}


def _meter(console: Console, plan: SimulationSettings) -> Meter:
    say(console, f"a shop that is made up opens at {iso(plan.start)}{_until(plan)}")
    return meter(console, None, period=None if plan.end is None else (plan.start, plan.end))


def _until(plan: SimulationSettings) -> str:
    return "; Ctrl-C ends it" if plan.end is None else f" and closes at {iso(plan.end)}"


def _tell(options: SimulateOptions, result: dict[str, Any], console: Console) -> None:
    if options.out == "-":
        show(console, result)
    elif options.json:
        print(json.dumps(result, separators=(",", ":")), flush=True)
    else:
        show(Console(), result)


def _now() -> int:
    return time.time_ns() // 1_000_000
