"""`kairos replay`: from the options to the report."""

from __future__ import annotations

import json
from typing import Any, Literal, NamedTuple

from rich.console import Console

from kairos.errors import Stopped, UsageError
from kairos.lines import say
from kairos.replay import run
from kairos.replay.report import show
from kairos.replay.row import Source
from kairos.settings import Settings, required


class Options(NamedTuple):
    """The command line, as it is. `until` in ms."""

    files: tuple[str, ...]
    format: Literal["segment", "ga360"] | None = None
    local: bool = False
    shards: int | None = None
    wait: bool = False
    until: int | None = None
    dump: str | None = None
    json: bool = False


def replay(settings: Settings, options: Options, console: Console) -> None:
    """Replay, and print the report on standard output."""
    try:
        result = _run(settings, options, console)
    except KeyboardInterrupt:
        left = "nothing was kept" if options.local else "what was written stays in Kafka, without a final tick"
        raise Stopped(f"stopped: {left}") from None
    if options.json:
        print(json.dumps(result, separators=(",", ":")), flush=True)
    else:
        show(Console(), result)


def _run(settings: Settings, options: Options, console: Console) -> dict[str, Any]:
    _check(settings, options)
    source = opened(settings, options)
    target = run.Options(options.until, options.wait, options.dump)
    if options.local:
        result = run.local(settings, source, options.shards or run.SHARDS, target, console)
    else:
        result = run.to_kafka(settings, source, target, console)
    if source.ticks:
        say(console, f"ticks in the files, left out since replay writes its own: {source.ticks:,}")
    return result


def _check(settings: Settings, options: Options) -> None:
    """What does not go together. Raises UsageError or SettingsError."""
    if options.local and options.wait:
        raise UsageError("--wait: with --local everything is folded when the command ends")
    if options.shards and not options.local:
        raise UsageError("--shards: the number of shards is the topics' number of partitions; it goes with --local")
    if options.dump and not (options.local or options.wait):
        raise UsageError("--dump: needs --local, or --wait to know that the workers are through")
    if not options.local:
        required(settings.brokers, "KAFKA_URL", "where should the events go? Or add --local: no Kafka is needed")


def opened(settings: Settings, options: Options) -> Source:
    """The files in their format, by the first file's name if none is given. Raises ReplayError."""
    parquet = options.files[0].endswith(".parquet")
    if options.format == "ga360" or (options.format is None and parquet):
        from kairos.replay.ga360 import Ga360

        return Ga360(options.files)
    from kairos.replay.segment import Segment

    return Segment(options.files, settings.shop)
