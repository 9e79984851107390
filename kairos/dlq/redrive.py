"""`kairos dlq redrive`: from the options to records in the input topics."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import NamedTuple

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from kairos.config.settings import Settings
from kairos.dlq import returning
from kairos.dlq.correction import correction, doubts
from kairos.dlq.dead_letters import dead_letters, shopper
from kairos.dlq.redriving import Redriven, RedrivePlan, corrected, plan, roles
from kairos.dlq.selection import Selection, counted, select
from kairos.errors import CommandError, Stopped, UsageError
from kairos.replay.kafka import KafkaTarget
from kairos.terminal.lines import say
from models.decoding.decoder import Decoder
from models.kernel.outputs import DeadLetter

NAMED = 5
"""Ids named in a warning, at most."""


class RedriveOptions(NamedTuple):
    """The command line, as it is."""

    selection: Selection
    everything: bool = False
    replace: str | None = None
    dry_run: bool = False
    yes: bool = False


def run(settings: Settings, options: RedriveOptions, console: Console) -> None:
    """Re-drive; warnings and the question go to `console`, the result to standard output.

    Raises
    ------
    CommandError
        The options do not go together, no record can go out, Kafka did not take them, or the user said no.
    """
    _check(options)
    reader = Decoder(settings.shop)
    found = select(dead_letters(settings), options.selection).dead_letters
    if not found:
        say(Console(), "no dead letter matches")
        return
    todo = plan(found, reader) if options.replace is None else _replaced(options.replace, found[0], reader, console)
    _warn(todo, console)
    if not todo.size:
        raise CommandError("nothing to re-drive")
    parts = (*roles(todo.records), *((f"to endpoint {name}", n) for name, n in returning.endpoints(todo.returned)))
    what = ", ".join(f"{name} {count:,}" for name, count in parts)
    if options.dry_run:
        _tell(settings, todo)
        say(Console(), f"would re-drive {todo.size:,}: {what}")
        return
    if not options.yes and not typer.confirm(f"Re-drive {todo.size:,} ({what})?", err=True):
        raise Stopped("nothing was written")
    if todo.records:
        _send(settings, todo.records, console)
    if todo.returned:
        returning.send(settings, todo.returned)
    say(Console(), f"re-driven {todo.size:,}: {what}")


def _check(options: RedriveOptions) -> None:
    """What does not go together. Raises UsageError."""
    selection = options.selection
    if selection.everything and not options.everything:
        raise UsageError("which ones? Name ids, or filters such as --code and --since, or --all")
    if options.replace is not None and len(selection.ids) != 1:
        raise UsageError("--replace: takes the place of one letter; name its id")
    if not (options.yes or options.dry_run) and (options.replace == "-" or not _somebody_there()):
        raise UsageError("nobody can be asked whether this is meant: add --yes, or see what it would do by --dry-run")


def _somebody_there() -> bool:
    """Whether a question can be asked."""
    return sys.stdin.isatty()


def _replaced(path: str, letter: DeadLetter, reader: Decoder, console: Console) -> RedrivePlan:
    if returning.returns(letter):
        raise UsageError("--replace: this is a message of Kairos, which goes out as it is")
    value = correction(path, reader)
    for doubt in doubts(value, letter, reader):
        say(console, f"kairos: warning: {doubt}")
    return corrected(letter, value, reader)


def _warn(todo: RedrivePlan, console: Console) -> None:
    """Say what does not go out, and what will come back."""
    if todo.left_out:
        ids = ", ".join(letter.id for letter in todo.left_out[:NAMED]) + ", ..." * (len(todo.left_out) > NAMED)
        say(console, f"left out, since only the beginning of the record is there: {len(todo.left_out):,} ({ids})")
    if todo.refused:
        say(
            console,
            f"refused again by the settings as they are, and so back as new dead letters: {counted(todo.refused)}",
        )


def _tell(settings: Settings, todo: RedrivePlan) -> None:
    for letter in todo.returned:
        say(Console(), f"{letter.id} {letter.code:<16} to endpoint {letter.endpoint} {shopper(letter) or '-'}")
    for record in todo.records:
        topic, who = settings.roles[record.role][0], record.shopper or shopper(record.letter) or "-"
        say(Console(), f"{record.letter.id} {record.letter.code:<16} to {topic} {who}")


def _send(settings: Settings, records: Sequence[Redriven], console: Console) -> None:
    try:
        asyncio.run(_write(settings, records, console))
    except KeyboardInterrupt:
        raise Stopped("stopped: some may be written already; the next re-drive writes those again") from None


async def _write(settings: Settings, records: Sequence[Redriven], console: Console) -> None:
    columns = TextColumn("re-driving"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=len(records))
        async with KafkaTarget(settings) as target:
            placed = (record.placed(target.route) for record in records)
            await target.place(placed, lambda: progress.advance(task))
