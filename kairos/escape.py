"""Strings of strangers on a terminal: ids, tags and reasons come from events, and events from anywhere."""

from __future__ import annotations

import re

HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]"
)
"""Controls (an escape sequence may rewrite the screen or the title), marks that turn the direction of writing, other
invisible marks, and halves of surrogate pairs (which cannot be printed)."""


def safe(text: str) -> str:
    r"""The text with every hostile character spelt out.

    >>> print(safe("a\x1b[2J\u202eb"))
    a\x1b[2J\u202eb
    """
    return HOSTILE.sub(_spelt, text)


def _spelt(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
