"""Small pieces of Markdown: figures with their spread, and tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median


def spread(values: Sequence[float], digits: int = 1) -> str:
    """The median, and where there are several values the least and the most.

    >>> spread([1.0, 3.0, 2.0]), spread([1234.5], 0), spread([])
    ('2.0 (1.0–3.0)', '1,234', '')
    """
    if not values:
        return ""
    middle = f"{median(values):,.{digits}f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table: the first column is text, the others are numbers.

    >>> print(table(["a", "b"], [["x", "1"]]))
    | a | b |
    |---|--:|
    | x | 1 |
    """
    rule = "|".join(["", "---", *["--:"] * (len(head) - 1), ""])
    lines = ["| " + " | ".join(row) + " |" for row in (head, *rows)]
    return "\n".join([lines[0], rule, *lines[1:]])
