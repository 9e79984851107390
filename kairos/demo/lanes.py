"""The newest outputs, a lane for each topic, so that many of one kind do not push away few of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from rich.text import Text

from kairos.demo.state import State
from kairos.terminal.lines import STYLES, parts
from models.kernel.outputs import CART_ABANDONMENTS, CHURN_ALERTS, USER_TAGS

LANES = (
    (CART_ABANDONMENTS, "CARTS", ("triggered", "recovered", "expired", "cancelled", "suppressed")),
    (CHURN_ALERTS, "CHURN", ("raised", "cleared")),
    (USER_TAGS, "TAGS", ("entered", "exited")),
)
"""Topics, their headings, and what is counted there: what matters most comes first."""
WIDEST_KIND = 34
WIDEST_SHOPPER = 20
ROOMY = 90
"""Columns from which on seconds are shown, and two spaces between columns."""

Parts = tuple[str, str, str, str]


def lanes(state: State, width: int, room: int) -> list[Text]:
    """Headings and messages in so many lines of so many columns."""
    lines: list[Text] = []
    for (role, title, kinds), rows in zip(LANES, _shares(room - len(LANES)), strict=True):
        lines.append(_heading(title, state.total.outputs.get(role, {}), kinds))
        messages = _newest(state.newest.get(role, ()))[:rows]
        widths = _widths(messages)
        lines += [_line(message, widths, width) for message in messages]
        lines += [Text()] * (rows - len(messages))
    return lines


def _newest(messages: Sequence[bytes]) -> list[Parts]:
    """Newest event time first: shards publish each at its own pace. At one instant by shopper, as they came."""
    shown = [parts(msgspec.json.decode(message)) for message in messages]
    return sorted(shown, key=lambda part: (part[0], part[2]), reverse=True)


def _shares(rows: int) -> tuple[int, int, int]:
    """Lines of carts, churn and tags."""
    rows = max(0, rows)
    churn = (rows + 2) // 5
    carts = (rows - churn + 1) // 2
    return carts, churn, rows - churn - carts


def _heading(title: str, counts: Mapping[str, int], kinds: Sequence[str]) -> Text:
    counted = " · ".join(f"{kind} {counts[kind]:,}" for kind in kinds if counts.get(kind))
    return Text.assemble((title, "bold"), "  ", (counted, "dim"))


def _widths(rows: Sequence[Parts]) -> tuple[int, int]:
    """Columns that kind and shopper take."""
    kind = max((len(row[1]) for row in rows), default=0)
    shopper = max((len(row[2]) for row in rows), default=0)
    return min(kind, WIDEST_KIND), min(shopper, WIDEST_SHOPPER)


def _line(message: Parts, widths: tuple[int, int], width: int) -> Text:
    when, kind, shopper, reason = message
    roomy = width >= ROOMY
    gap = "  " if roomy else " "
    line = Text.assemble((when[11:19] if roomy else when[11:16], "dim"))
    for text, columns, style in ((kind, widths[0], STYLES.get(kind.split()[0], "")), (shopper, widths[1], "bold")):
        cell = Text(text, style=style)
        cell.truncate(columns, overflow="ellipsis", pad=True)
        line.append(gap).append_text(cell)
    return line.append(gap + reason)
