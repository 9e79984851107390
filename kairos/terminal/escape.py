"""Strings of strangers on a terminal and in logs: ids, tags and reasons come from events, and events from anywhere."""

from __future__ import annotations

import json
import re

HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ufeff\uffa0\ufff9-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
"""Controls (an escape sequence may rewrite the screen or the title), ends of lines, marks that turn the direction of
writing, characters that cannot be seen, and halves of surrogate pairs (which cannot be printed). Variation selectors
stay: emoji and some scripts need them."""


def safe(text: str) -> str:
    r"""The text in one line, with every hostile character spelt out.

    >>> print(safe("a\x1b[2J\u202eb\U000e0041"))
    a\x1b[2J\u202eb\U000e0041
    """
    return HOSTILE.sub(_spelt, text)


def _spelt(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def safe_json(text: str) -> str:
    r"""JSON in one line and of the same meaning, with every hostile character spelt as JSON spells it in strings.

    >>> print(safe_json('{"a":"\u202e\x7f"}'))
    {"a":"\u202e\u007f"}
    """
    return HOSTILE.sub(lambda match: json.dumps(match[0])[1:-1], text)
