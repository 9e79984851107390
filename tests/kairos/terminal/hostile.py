"""Strings that strangers may send, and what must never reach a terminal or a log."""

from __future__ import annotations

import unicodedata

STRINGS = {
    "markup": "[bold red]x[/] [link=http://x]y[/link] :smile:",
    "html": "<script>alert('x')</script>",
    "ansi": "\x1b[2J\x1b[31mred\x1b]0;title\x07",
    "c1": "\x9b31m\x85\x90",
    "newlines": "x\r\n2026-11-22 00:00:00,000 CRITICAL forged\n\tx\v\f",
    "unicode newlines": "x\u2028y\u2029z",
    "bidi": "a\u202eb\u2066c\u2069\u200f\u061c",
    "zero width": "a\u200bb\u200dc\ufeff\u2060\u00ad",
    "tags": "a\U000e0041\U000e007f",
    "delete": "a\x7f\x08b",
}
"""Any of these may be an id: they are legal in JSON."""
SURROGATE = "a\ud800b\udcff"
"""May not be an id, but an argument of a command, or part of a name of a file."""
ALL = STRINGS | {"surrogates": SURROGATE}

FORBIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Controls, formats, surrogates, ends of lines and paragraphs: Unicode's general categories."""


def spelt(text: str) -> str:
    """How a text must be shown."""
    return "".join(_spelt(c) if unicodedata.category(c) in FORBIDDEN else c for c in text)


def _spelt(c: str) -> str:
    return f"\\x{ord(c):02x}" if ord(c) < 256 else f"\\u{ord(c):04x}" if ord(c) < 1 << 16 else f"\\U{ord(c):08x}"


def harmless(shown: str) -> bool:
    """Whether nothing but ends of lines is a character of those categories."""
    return not any(unicodedata.category(c) in FORBIDDEN for c in shown.replace("\n", ""))
