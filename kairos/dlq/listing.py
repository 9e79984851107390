"""`kairos dlq list`: dead letters, one a line."""

from __future__ import annotations

from collections import Counter

import msgspec
from rich.console import Console

from kairos.config.settings import Settings
from kairos.dlq.dead_letters import dead_letters, shopper
from kairos.dlq.selection import Selection, counted, select
from kairos.terminal.lines import say, say_json
from kairos.terminal.times import stamp
from models.kernel.outputs import DeadLetter


def run(settings: Settings, selection: Selection, console: Console, *, as_json: bool = False) -> None:
    """Print the dead letters, oldest first, and how many there are of each code; `as_json`: the messages alone."""
    found = select(dead_letters(settings), selection)
    for letter in found.dead_letters:
        if as_json:
            say_json(msgspec.json.encode(letter))
        else:
            say(console, _line(letter))
    if not as_json:
        say(console, _total(found.codes, len(found.dead_letters)))


def _line(letter: DeadLetter) -> str:
    who = shopper(letter) or "-"
    when = f"{stamp(letter.as_of)[:19]}Z" if letter.as_of else "-"  # the shard had not come to any time yet
    return f"{when:<20} {letter.code:<16} {letter.role:<11} {letter.id} {who:<16} {letter.reason}"


def _total(codes: Counter[str], shown: int) -> str:
    """All that match, by code; the newest may be all that is shown."""
    if not codes:
        return "no dead letter matches"
    newest = f", the newest {shown:,} shown" if shown < codes.total() else ""
    return f"{codes.total():,} dead letters: {counted(codes)}{newest}"
