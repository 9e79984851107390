"""Lines of the command line; one output message as one line, for `kairos tail` and `kairos demo`."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text

from kairos.terminal.escape import safe, safe_json
from kairos.terminal.times import stamp

NO_JSON = (ValueError, RecursionError)
"""What reading bytes as JSON may raise: not JSON, not UTF-8, or nested too deep."""

STYLES = {
    "triggered": "bold yellow",
    "recovered": "bold green",
    "delivered": "bold green",
    "suppressed": "dim yellow",
    "raised": "bold red",
    "cleared": "green",
    "entered": "cyan",
    "exited": "dim cyan",
    "dead_letter": "red",
    "refused": "red",
    "tick": "dim",
}


def clock(at: int) -> str:
    """Milliseconds since 1970 to the second, always as wide.

    >>> clock(1477983600123)
    '2016-11-01T07:00:00Z'
    """
    return f"{stamp(at)[:19]}Z"


def parts(message: Any) -> tuple[str, str, str, str]:
    """When, kind (with the tag or step), shopper and reason, safe to print."""
    if not isinstance(message, dict):
        return "", "?", "-", safe(str(message))
    at = message.get("as_of")
    when = clock(at) if isinstance(at, int) and 0 <= at < 1 << 47 else ""
    subject = message.get("tag") or message.get("code") or ""
    kind = f"{message.get('kind', '?')} {subject}".strip()
    return when, safe(kind), safe(str(message.get("user_id") or "-")), safe(str(message.get("reason", "")))


def say(console: Console, text: str) -> None:
    """Print a line: no markup, no colours, no breaks, hostile characters spelt out."""
    console.print(safe(text), markup=False, highlight=False, emoji=False, soft_wrap=True)


def say_json(value: bytes) -> None:
    """Print what should be JSON on standard output, one line of the same meaning; what is no JSON is shown so too."""
    with suppress(*NO_JSON):
        value = msgspec.json.format(value, indent=-1)
    print(safe_json(value.decode(errors="backslashreplace")), flush=True)


def show(console: Console, value: bytes) -> None:
    """Print a message as JSON bytes: in colours on a terminal, else plain. Nothing in it is taken as markup."""
    try:
        columns = parts(msgspec.json.decode(value))
    except NO_JSON:
        columns = parts(value.decode(errors="replace"))
    print_line(console, *columns)


def print_line(console: Console, when: str, kind: str, shopper: str, fact: str) -> None:
    """Print four columns in one line, hostile characters spelt out: when, what (its first word decides the colour),
    who, and the reason or main fact."""
    kind, shopper, fact = safe(kind), safe(shopper), safe(fact)
    style = STYLES.get(kind.partition(" ")[0], "")
    columns = (f"{when:<22}", "dim"), (f"{kind:<34}", style), (f" {shopper:<16} ", "bold"), fact
    console.print(Text.assemble(*columns), soft_wrap=True)
