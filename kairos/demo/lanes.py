"""The newest outputs, a lane for each topic, so that many of one kind do not push away few of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from rich.text import Text

from kairos.demo.state import DemoState
from kairos.terminal.lines import STYLES, parts
from models.features import SHOPPERS
from models.kernel.outputs import DEAD_LETTERS, OutputTopic

LANES = [topic for role, topic in reversed([*SHOPPERS.outputs.items()]) if role != DEAD_LETTERS]
"""Every topic about shoppers; tags, of which there are most, come last."""
WIDEST_KIND = 34
WIDEST_SHOPPER = 20
ROOMY = 90
"""Columns from which on seconds are shown, and two spaces between columns."""

Parts = tuple[str, str, str, str]


def lanes(state: DemoState, width: int, room: int) -> list[Text]:
    """Headings and messages in so many lines of so many columns."""
    lines: list[Text] = []
    found = [_newest(state.newest.get(topic.role, ())) for topic in LANES]
    for topic, messages, rows in zip(LANES, found, _shares(room - len(LANES), list(map(len, found))), strict=True):
        lines.append(_heading(topic, state.total.outputs.get(topic.role, {})))
        widths = _widths(messages[:rows])
        lines += [_line(message, widths, width) for message in messages[:rows]]
    return lines + [Text()] * (room - len(lines))


def _newest(messages: Sequence[bytes]) -> list[Parts]:
    """Newest event time first: shards publish each at its own pace. At one instant by shopper, as they came."""
    shown = [parts(msgspec.json.decode(message)) for message in messages]
    return sorted(shown, key=lambda part: (part[0], part[2]), reverse=True)


def _shares(rows: int, wanted: Sequence[int]) -> list[int]:
    """Lines of each lane, of which each wants so many: what one leaves, the others share.

    >>> _shares(10, [9, 1, 9]), _shares(10, [2, 1, 3]), _shares(-1, [9, 9])
    ([5, 1, 4], [2, 1, 3], [0, 0])
    """
    shares = [0] * len(wanted)
    for _ in range(max(0, rows)):
        open_lanes = [lane for lane, share in enumerate(shares) if share < wanted[lane]]
        if not open_lanes:
            break
        shares[min(open_lanes, key=shares.__getitem__)] += 1
    return shares


def _heading(topic: OutputTopic, counts: Mapping[str, int]) -> Text:
    counted = ", ".join(f"{kind} {counts[kind]:,}" for kind in topic.kinds if counts.get(kind))
    return Text.assemble((topic.heading, "bold"), "  ", (counted, "dim"))


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
