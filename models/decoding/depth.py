"""How deeply a message may be nested.

The decoder recurses and gives up where Python's stack ends, which depends on who called it and on the Python. Whether
a record is good must depend on the record alone, so the bound is ours, far below any stack's.
"""

from __future__ import annotations

import re

MAX_DEPTH = 256

SHALLOW = 2 * MAX_DEPTH
"""Up to this many bytes there is no room for more levels."""

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[{]+|[\]}]+', re.DOTALL)


def too_deep(value: bytes) -> bool:
    """Whether objects and arrays are nested more than `MAX_DEPTH` deep. Linear, and next to nothing for most values.

    >>> too_deep(b"[" * 256 + b"]" * 256), too_deep(b"[" * 257 + b"]" * 257), too_deep(b'"' + b"[" * 600 + b'"')
    (False, True, False)
    """
    if value.count(b"{") + value.count(b"[") <= MAX_DEPTH:
        return False
    depth = 0
    for match in _TOKEN.finditer(value):
        token = match.group()
        if token[0] in b"[{":
            depth += len(token)
            if depth > MAX_DEPTH:
                return True
        elif token[0] in b"]}":
            depth -= len(token)
    return False
