"""One thing that was looked at, and what came of it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Status = Literal["ok", "warning", "problem"]


class Check(Struct, frozen=True):
    """`said` is what was found, `advice` what to do about it ("" if nothing)."""

    name: str
    status: Status
    said: str
    advice: str = ""


def ok(name: str, said: str) -> Check:
    """All is well."""
    return Check(name, "ok", said)


def warning(name: str, said: str, advice: str) -> Check:
    """It works, and may not for ever."""
    return Check(name, "warning", said, advice)


def problem(name: str, said: str, advice: str) -> Check:
    """A worker would not start, or what it says would be wrong or lost."""
    return Check(name, "problem", said, advice)
