"""Numbers of the view: what was counted, the traffic of the last minutes, who is in which segment."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from kairos.demo.acting import brings, sent
from kairos.demo.state import DemoState
from models.kernel.settings import MINUTE
from models.lifecycle.stage import STAGES
from models.rfm.segments import SEGMENTS

BARS = "▁▂▃▄▅▆▇█"
NAME, COUNT = 19, 6
"""Columns of a segment's name and of its number."""


def numbers(state: DemoState, width: int) -> list[Text]:
    """Eight numbers in two lines, the traffic, and what became of messages that ask for action."""
    counts, total = state.total.counts, state.total
    dead_letters = sum(total.dead_letters.values())
    said = sum(kinds.total() for kinds in total.outputs.values())
    first = (
        ("events/s", f"{state.rate:.1f}"),
        ("events", f"{counts['events']:,}"),
        ("shoppers", f"{counts['shoppers']:,}"),
        ("open carts", f"{counts['carts']:,}"),
    )
    second = (
        ("lag", f"{state.lag:,}"),
        ("orders", f"{counts['orders']:,}"),
        ("outputs", f"{said:,}"),
        ("dead letters", f"{dead_letters:,}"),
    )
    told = [Text(line, style="dim") for line in (sent(state), brings(state))]
    return [_cells(first, width), _cells(second, width), _traffic(state, width), *told]


def _cells(pairs: Sequence[tuple[str, str]], width: int) -> Text:
    line = Text()
    for label, number in pairs:
        cell = Text.assemble((f"{label} ", "dim"), (number, "bold"))
        cell.truncate(width // len(pairs), pad=True)
        line.append_text(cell)
    return line


def _traffic(state: DemoState, width: int) -> Text:
    """Events in each of the last full minutes of event time, newest at the right."""
    label = "events a minute "
    last = state.at // MINUTE
    events = {minute.minute: minute.events for minute in state.total.minutes}
    series = [events.get(minute, 0) for minute in range(last - min(width - len(label), 120), last)]
    top = max(series, default=0) or 1
    bars = "".join(BARS[value * (len(BARS) - 1) // top] for value in series)
    return Text.assemble((label, "dim"), (bars, "cyan"))


def segments(state: DemoState, width: int, columns: int) -> list[Text]:
    """Buyers by segment, in so many columns side by side."""
    counts = state.total.segments
    heading = Text.assemble(("SEGMENTS", "bold"), "  ", (f"{counts.total():,} buyers", "dim"))
    names = SEGMENTS[1:]
    rows = -(-len(names) // columns)
    bars = [_bar(name, counts[name], max(counts.values(), default=0), width // columns - 2) for name in names]
    lines = [heading]
    for row in range(rows):
        line = Text()
        for bar in bars[row::rows]:
            line.append_text(bar).append("  ")
        lines.append(line)
    return lines


def stages(state: DemoState, width: int) -> list[Text]:
    """Shoppers by stage."""
    counts = state.total.stages
    most = max(counts.values(), default=0)
    heading = Text.assemble(("STAGES", "bold"), "  ", (f"{counts.total():,} shoppers", "dim"))
    return [heading, *(_bar(name, counts[name], most, width - 2) for name in STAGES[1:])]


def _bar(name: str, count: int, most: int, width: int) -> Text:
    room = max(0, width - NAME - COUNT - 1)
    length = -(-count * room // most) if most else 0
    bar = Text.assemble(
        f"{name.replace('_', ' '):<{NAME}}", (f"{count:>{COUNT},}", "bold"), " ", ("━" * length, "cyan")
    )
    bar.truncate(max(0, width), pad=True)
    return bar
