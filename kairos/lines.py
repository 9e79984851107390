"""One output message as one line, for `kairos tail` and `kairos demo`."""

from __future__ import annotations

from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text

from kairos.escape import safe
from kairos.times import stamp

STYLES = {
    "triggered": "bold yellow",
    "recovered": "bold green",
    "raised": "bold red",
    "cleared": "green",
    "entered": "cyan",
    "exited": "dim cyan",
    "dead_letter": "red",
}


def parts(message: Any) -> tuple[str, str, str, str]:
    """When, kind (with the tag or step), shopper and reason, safe to print."""
    if not isinstance(message, dict):
        return "", "?", "-", safe(str(message))
    at = message.get("as_of")
    when = f"{stamp(at)[:19]}Z" if isinstance(at, int) and 0 <= at < 1 << 47 else ""
    subject = message.get("tag") or message.get("code") or ""
    kind = f"{message.get('kind', '?')} {subject}".strip()
    return when, safe(kind), safe(str(message.get("user_id") or "-")), safe(str(message.get("reason", "")))


def say(console: Console, text: str) -> None:
    """Print a line as it is: no markup, no colours, no breaks."""
    console.print(text, markup=False, highlight=False, emoji=False, soft_wrap=True)


def show(console: Console, value: bytes) -> None:
    """Print a message as JSON bytes: in colours on a terminal, else plain. Nothing in it is taken as markup."""
    try:
        message = msgspec.json.decode(value)
    except msgspec.DecodeError:
        message = value.decode(errors="replace")
    when, kind, shopper, reason = parts(message)
    style = STYLES.get(kind.split()[0], "")
    columns = (f"{when:<22}", "dim"), (f"{kind:<34}", style), (f" {shopper:<16} ", "bold"), reason
    console.print(Text.assemble(*columns), soft_wrap=True)
