"""`kairos replay`: from the options to the report."""

from __future__ import annotations

import json
from typing import NamedTuple

from rich.console import Console

from kairos.commands import tables
from kairos.config.settings import Settings, required
from kairos.errors import Stopped, Unaccounted, UsageError
from kairos.replay import formats, run
from kairos.replay.report import show
from kairos.terminal.lines import say


class ReplayOptions(NamedTuple):
    """The command line, as it is. `until` in ms."""

    files: tuple[str, ...]
    format: formats.Name | None = None
    local: bool = False
    shards: int | None = None
    wait: bool = False
    until: int | None = None
    dump: str | None = None
    tables: str | None = None
    json: bool = False


def replay(settings: Settings, options: ReplayOptions, console: Console) -> None:
    """Replay, and print the report on standard output. Raises Unaccounted, after it, if events are missing in it."""
    try:
        done = _run(settings, options, console)
    except KeyboardInterrupt:
        left = "nothing was kept" if options.local else "what was written stays in Kafka, without a final tick"
        raise Stopped(f"stopped: {left}") from None
    if options.json:
        print(json.dumps(done.report, separators=(",", ":")), flush=True)
    else:
        show(Console(), done.report)
    if done.missing:
        raise Unaccounted(done.missing)


def _run(settings: Settings, options: ReplayOptions, console: Console) -> run.Done:
    _check(settings, options)
    name = options.format or formats.named(options.files[0])
    source = formats.opened(name, options.files, settings.shop)
    given = tables.given(options.tables, settings.shop) if options.tables else ()
    target = run.RunOptions(options.until, options.wait, options.dump, given)
    if options.local:
        done = run.local(settings, source, options.shards or run.SHARDS, target, console)
    else:
        done = run.to_kafka(settings, source, target, console)
    for what, count in source.left_out.items():
        if count:
            say(console, f"{what}: {count:,}")
    return done


def _check(settings: Settings, options: ReplayOptions) -> None:
    """What does not go together. Raises UsageError or SettingsError."""
    if options.local and options.wait:
        raise UsageError("--wait: with --local everything is folded when the command ends")
    if options.shards and not options.local:
        raise UsageError("--shards: the number of shards is the topics' number of partitions; it goes with --local")
    if options.dump and not (options.local or options.wait):
        raise UsageError("--dump: needs --local, or --wait to know that the workers are through")
    if options.tables and not options.local:
        required(settings.redis_url, "REDIS_URL", "the tables go where the workers will look for them")
    if not options.local:
        required(settings.brokers, "KAFKA_URL", "where should the events go? Or add --local: no Kafka is needed")
