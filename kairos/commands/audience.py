"""`kairos audience`: who holds a tag, or what changed since a time, as systems that keep lists of people take it."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, NamedTuple

import msgspec
from rich.console import Console
from rich.progress import track

from kairos.commands.members import alike
from kairos.config.settings import Settings
from kairos.errors import CommandError, SettingsError
from kairos.terminal.lines import say
from kairos.terminal.times import iso, stamp
from models.kernel.settings import SharedSettings
from sinks.audience import Change, Left, changes, nobody
from sinks.members import is_tag, known
from sinks.shard_state import ShardState
from sinks.store import ReadModel
from sinks.webhooks.presets.audiences import hashed


class AudienceOptions(NamedTuple):
    """What is asked for.

    Attributes
    ----------
    tag
        Whose holders.
    since
        Only what changed since then (event time, ms); None: all who hold it now.
    out
        A file, which is there whole or not at all; None: standard output.
    as_json
        One JSON object a line, times in ms; else CSV with a line of names, times in ISO 8601 (UTC).
    sha256
        With the id's hash, as ad platforms match it.
    """

    tag: str
    since: int | None = None
    out: str | None = None
    as_json: bool = False
    sha256: bool = False


@contextmanager
def who_left(settings: Settings, reader: ReadModel, options: AudienceOptions) -> Iterator[Left]:
    """Who ceased to hold the tag, for `run`: of a difference from Kafka, else nobody.

    Raises
    ------
    SettingsError
        There is no Kafka to read it from.
    TopicError
        Kafka does not answer, or no longer has it.
    """
    if options.since is None:
        yield nobody
        return
    if not settings.brokers:
        raise SettingsError("KAFKA_URL: --since needs it: who ceased to hold a tag is in the topic user-tags")
    from kairos.kafka.exits import Exits

    with Exits(settings, reader, options.tag, options.since) as found:
        yield found


def run(
    reader: ReadModel,
    settings: SharedSettings,
    options: AudienceOptions,
    console: Console,
    left: Left = nobody,
) -> None:
    """Write the list, shard by shard; on the console (standard error) say how many, and as of when.

    Parameters
    ----------
    left
        Of a difference: who ceased to hold the tag, as `sinks.audience.changes` asks for it.

    Raises
    ------
    CommandError
        There is no such tag, no shard, or the file cannot be written.
    """
    shards = reader.partitions()
    if not is_tag(options.tag):
        raise CommandError(f"there is no tag {options.tag!r}{alike(options.tag, known(reader))}")
    if not shards:
        raise CommandError("nothing is known of any shopper yet")
    as_of = [ShardState.decode(reader.shard(shard)).watermark for shard in range(shards)]
    written = {"add": 0, "remove": 0}
    with _output(options.out) as file:
        line = _lines(file, options)
        for change in _changes(reader, settings, options, left):
            written[change.action] += 1
            line(change)
    told = f"{options.tag}: {written['add']:,} to add"
    if options.since is not None:
        told += f", {written['remove']:,} to remove"
    say(console, f"{told}; as of {iso(min(as_of))}: the next difference is --since {stamp(min(as_of))}")


def _changes(
    reader: ReadModel,
    settings: SharedSettings,
    options: AudienceOptions,
    left: Left,
) -> Iterator[Change]:
    """Of all shards; with a progress bar on a terminal."""
    shards, quiet = range(reader.partitions()), not sys.stderr.isatty()
    console = Console(stderr=True)
    for shard in track(shards, "looking at all shoppers", console=console, transient=True, disable=quiet):
        found = changes(reader, options.tag, shard, settings, options.since or 0, left)
        yield from (change for change in found if change is not None)


def _lines(file: IO[str], options: AudienceOptions) -> Callable[[Change], Any]:
    """What writes a change."""
    hashes = ("user_id_sha256",) if options.sha256 else ()

    def row(change: Change, time: Callable[[int], Any]) -> tuple[Any, ...]:
        extra = (hashed(change.user_id),) if options.sha256 else ()
        return (change.user_id, change.action, time(change.since), time(change.as_of), *extra)

    names = (*Change._fields, *hashes)
    if options.as_json:
        return lambda change: file.write(_json(names, row(change, int)))
    table = csv.writer(file)
    table.writerow(names)
    return lambda change: table.writerow(row(change, iso))


def _json(names: Iterable[str], row: Iterable[Any]) -> str:
    return msgspec.json.encode(dict(zip(names, row, strict=True))).decode() + "\n"


@contextmanager
def _output(path: str | None) -> Iterator[IO[str]]:
    """Standard output, or a file that takes its name when all is written. CommandError if it cannot be."""
    if path is None:
        yield sys.stdout
        return
    target = Path(path)
    try:
        with NamedTemporaryFile("w", encoding="utf-8", newline="", dir=target.parent, delete=False) as file:
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
            except BaseException:
                Path(file.name).unlink()
                raise
        Path(file.name).replace(target)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or error}") from None
