"""`kairos members`: who holds a tag, newest first."""

from __future__ import annotations

import heapq
import sys
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

import msgspec
from rich.console import Console
from rich.progress import track

from dashboard.answers.members import as_csv
from dashboard.words import Words
from kairos.errors import CommandError
from kairos.terminal.lines import say, say_json
from kairos.terminal.times import iso
from models.kernel.settings import SharedSettings
from sinks.members import Member, known, members
from sinks.store import ReadModel


def run(
    reader: ReadModel,
    console: Console,
    tag: str,
    settings: SharedSettings,
    *,
    limit: int | None = None,
    form: str = "text",
) -> None:
    """Print who holds a tag, the newest first.

    Parameters
    ----------
    limit
        So many at most; None: all.
    form
        ``text``, ``csv`` (with a line of names; money in whole units of the currency), or ``json`` (one object a line;
        money in minor units, times in ms).

    Raises
    ------
    CommandError
        Nobody holds it; told with tags that are spelled alike.
    """
    found = _newest(reader, tag, settings, limit)
    if not found:
        raise CommandError(_nobody(tag, known(reader)))
    if form == "json":
        for member in found:
            say_json(msgspec.json.encode(member._asdict()))
    elif form == "csv":
        print(as_csv(found, settings.currency), end="")
    else:
        words = Words("en", settings.time_zone)
        for member in found:
            amount = words.money(member.value, settings.currency)
            say(console, f"{iso(member.since)}  {amount:>16}  {member.user_id}")


def _newest(reader: ReadModel, tag: str, settings: SharedSettings, limit: int | None) -> Sequence[Member]:
    """All who hold it, or the newest so many; with a progress bar on a terminal."""
    shards = range(reader.partitions())
    quiet = not sys.stderr.isatty()
    shown = track(shards, "looking at all shoppers", console=Console(stderr=True), transient=True, disable=quiet)
    holding = (member for shard in shown for member in members(reader, tag, shard, settings) if member is not None)

    def newest(member: Member) -> tuple[int, str]:
        return -member.since, member.user_id

    return sorted(holding, key=newest) if limit is None else heapq.nsmallest(limit, holding, key=newest)


def _nobody(tag: str, held: Iterable[str]) -> str:
    return f"nobody holds {tag!r}{alike(tag, held)}"


def alike(tag: str, held: Iterable[str]) -> str:
    """Tags that may be meant, of those that somebody holds; "" if there are none.

    >>> alike("stage", ["stage:new", "bot"]), alike("x", ["bot"])
    ('; tags that are held: stage:new', '')
    """
    names = sorted(held)
    found = get_close_matches(tag, names, n=5, cutoff=0.5) or [name for name in names if name.startswith(f"{tag}:")]
    return f"; tags that are held: {', '.join(found)}" if found else ""
