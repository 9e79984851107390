"""`kairos dlq show`: one dead letter, with everything that is known about it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import msgspec
from rich.console import Console

from kairos.config.settings import Settings
from kairos.dlq.advice import MISROUTED, advice
from kairos.dlq.dead_letters import dead_letters, shopper, truncated
from kairos.dlq.returning import returns
from kairos.dlq.selection import Selection, select
from kairos.errors import UsageError
from kairos.terminal.lines import say, say_json
from kairos.terminal.times import iso
from models.decoding.decoder import Decoder
from models.kernel.events import Amended, Ordered
from models.kernel.outputs import DeadLetter

ROW = 32
"""Bytes a line of those that are no text."""


def run(settings: Settings, ident: str, console: Console, *, as_json: bool = False, raw: bool = False) -> None:
    """Print the letter of this id (of all places that share it); `as_json`: as the messages are; `raw`: nothing but
    the record's bytes, into a file or a pipe."""
    found = select(dead_letters(settings), Selection(ids=(ident,))).dead_letters
    if raw:
        _raw(found[0])
        return
    for letter in found:
        if as_json:
            say_json(msgspec.json.encode(letter))
        else:
            _show(console, letter, Decoder(settings.shop))


def _raw(letter: DeadLetter) -> None:
    if sys.stdout.isatty():
        raise UsageError("--raw: goes into a file or a pipe; these bytes could do anything to a terminal")
    sys.stdout.buffer.write(letter.value or b"")
    sys.stdout.buffer.flush()


def _show(console: Console, letter: DeadLetter, reader: Decoder) -> None:
    order = isinstance(reader.read(letter.value, -1).event, Ordered | Amended) and letter.code != MISROUTED
    cut = f", of which the first {len(letter.value or b''):,} are here" if truncated(letter) else ""
    for name, value in (
        ("id", letter.id),
        ("code", letter.code),
        ("reason", letter.reason),
        ("to do", advice(letter, order=order)),
        ("as_of", iso(letter.as_of)),
        ("shopper", shopper(letter) or "-"),
        ("from", f"{letter.topic}[{letter.partition}] offset {letter.offset}, role {letter.role}"),
        *_attempts(letter),
        ("copy", str(letter.copy)),
        ("key", "none" if letter.key is None else " ".join(_bytes(letter.key))),
        ("value", "none" if letter.value is None else f"{letter.size:,} bytes{cut}"),
    ):
        say(console, f"{name:<10} {value}")
    for line in _bytes(letter.value or b""):
        say(console, line)


def _attempts(letter: DeadLetter) -> Iterator[tuple[str, str]]:
    if returns(letter):
        answer = f"answered {letter.status}" if letter.status else "no answer"
        yield "endpoint", f"{letter.endpoint}, tried {letter.attempts} times, at last: {answer}"


def _bytes(value: bytes) -> Iterator[str]:
    """Bytes as text if they are UTF-8, else in hexadecimal digits."""
    try:
        yield from value.decode().splitlines()
    except UnicodeDecodeError:
        for start in range(0, len(value), ROW):
            yield f"{start:08x}  {value[start : start + ROW].hex(' ')}"
