"""Values of settings back to text, as a variable would have them, and without what must not be shown."""

from __future__ import annotations

import re
from typing import Any

from kairos.config import parsing, rivals
from kairos.config.variables import Variable
from kairos.terminal.times import iso
from models.kernel.settings import DAY, HOUR, MINUTE, SECOND, Rate

HIDDEN = "***"
PASSWORD = re.compile(r"(://[^:@/]*:)(?:.*(?=@)|(?!.*@).*)")
QUERY = re.compile(r"([?&]\w*password=)[^&]*")


def masked(value: str) -> str:
    """A value in which no URL shows its password.

    >>> masked("redis://me:hunter2@host/0?ssl_password=x"), masked("redis://host:6379/0"), masked("redis://:hunter2")
    ('redis://me:***@host/0?ssl_password=***', 'redis://host:6379/0', 'redis://:***')
    """
    hidden = PASSWORD.sub(lambda match: match[1] + HIDDEN, value) if _has_password(value) else value
    return QUERY.sub(lambda match: match[1] + HIDDEN, hidden)


def _has_password(value: str) -> bool:
    return "@" in value or "://:" in value


def shown(variable: Variable, value: Any) -> str:
    """A setting's value for people's eyes."""
    written = text(variable, value)
    return masked(written) if not variable.secret or "://" in written else HIDDEN if written else ""


def text(variable: Variable, value: Any) -> str:
    """A setting's value as its variable would have it; "" for one that is not set."""
    if variable.parse is parsing.maker:
        return rivals.written(value)
    if value is None or value == ():
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    if variable.parse in (parsing.duration, parsing.period, parsing.days):
        return span(value)
    if variable.parse is parsing.steps:
        return ", ".join(map(span, value))
    if variable.parse is parsing.daily:
        return "-".join(f"{minutes // 60:02}:{minutes % 60:02}" for minutes in value)
    if isinstance(value, tuple):
        return ", ".join(map(_part, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def span(ms: int) -> str:
    """A duration in the largest unit that gives a whole number.

    >>> span(7_776_000_000), span(90_000), span(500), span(0)
    ('90d', '90s', '500ms', '0s')
    """
    for unit, size in (("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", SECOND)):
        if ms % size == 0 and (ms or unit == "s"):
            return f"{ms // size}{unit}"
    return f"{ms}ms"


def _part(part: Any) -> str:
    """One part of a list: an alias, a rate, a word."""
    if isinstance(part, tuple):
        return "=".join(part)
    if not isinstance(part, Rate):
        return str(part)
    rate = part
    return f"{rate.currency}={rate.rate}" + (f"@{iso(rate.since)}" if rate.since else "")
