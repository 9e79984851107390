"""``results.svg``: the figures of the page that compare, drawn from the same numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

from drawsvg import Drawing, Line, Rectangle, Text

from bench.figures import Run
from bench.live import Pace
from bench.page.throughput import STOCK, TITLES, ratios
from bench.results import Results
from bench.sources import NAMES

WIDTH, LABELS, BARS = 860, 250, 440
LINE, THICK = 30, 18
INK, PALE = "#1f2328", "#59636e"
COLOURS = {"worker": "#0969da", "Redis": "#bf3989", "broker": "#9a6700"}
FONT = "system-ui, sans-serif"

LABELLED = {
    "kairos": "kairos worker, daily tables",
    "fixed": "kairos worker, fixed cuts",
    "faust": "stock Faust, Redis per event",
    "batch": "batch loop by hand",
    "bare": "fetch and read alone",
    "kstreams": "Kafka Streams, a small job",
    "uncached": "kairos worker, no cache",
}


class Bar(NamedTuple):
    """One line: its label, parts (in units of the axis) with their colours, and what stands behind it."""

    label: str
    parts: Sequence[tuple[float, str]]
    said: str

    @property
    def length(self) -> float:
        """All parts together."""
        return sum(size for size, _ in self.parts)


def svg(found: Results) -> str:
    """The picture as SVG text, which depends on the numbers alone."""
    panels = list(_panels(found))
    height = 20 + sum(64 + LINE * len(bars) for _, _, bars in panels)
    drawing = Drawing(WIDTH, height, font_family=FONT)
    drawing.append(Rectangle(0.5, 0.5, WIDTH - 1, height - 1, rx=6, fill="#ffffff", stroke="#d1d9e0"))
    y = 34
    for title, legend, bars in panels:
        y = _panel(drawing, y, title, legend, bars)
    return str(drawing.as_svg()) + "\n"


def _panels(found: Results) -> Iterator[tuple[str, dict[str, str], list[Bar]]]:
    for name in filter(found.tables.__contains__, NAMES):
        yield f"{TITLES[name]}: µs of CPU an event", COLOURS, costs(found.tables[name].runs)
    if told := [pace for pace in found.live if pace.delays]:
        legend = {"p50": "#54aeff", "p99": "#b6e3ff"}
        yield "ms from when an event was due to be sent to its message", legend, delays(told, legend)


def costs(runs: Sequence[Run]) -> list[Bar]:
    """A bar for each worker: medians of its rounds."""
    stock = [run for run in runs if run.peer == STOCK]
    bars = []
    for name in dict.fromkeys(run.peer for run in runs):
        own = [run for run in runs if run.peer == name]
        parts = [median(values) for values in zip(*((run.worker, run.redis, run.kafka) for run in own), strict=True)]
        times = ratios(own, stock)
        ratio = f", 1/{median(times):.1f} of stock Faust" if times and name != STOCK else ""
        bars.append(
            Bar(LABELLED[name], list(zip(parts, COLOURS.values(), strict=True)), f"worker {parts[0]:.1f}{ratio}")
        )
    return bars


def delays(paces: Sequence[Pace], legend: dict[str, str]) -> list[Bar]:
    """A bar for each rate and commit, to the median and on to the 99th percentile."""
    several = any(pace.other for pace in paces)
    return [
        Bar(
            f"{pace.rate:,} events/s" + (f", {pace.commit}" if several else ""),
            list(zip((found.p50, found.p99 - found.p50), legend.values(), strict=True)),
            f"p50 {found.p50:,.0f}, p99 {found.p99:,.0f}",
        )
        for pace in paces
        if pace.delays and (found := pace.delays.intended)
    ]


def _panel(drawing: Drawing, y: int, title: str, legend: dict[str, str], bars: Sequence[Bar]) -> int:
    """Draw one; returns where the next begins."""
    drawing.append(Text(title, 15, 20, y, fill=INK, font_weight="bold"))
    _legend(drawing, y, legend)
    y += 16
    longest = max(bar.length for bar in bars) or 1
    drawing.append(Line(LABELS, y, LABELS, y + LINE * len(bars), stroke=PALE))
    for bar in bars:
        _bar(drawing, y, bar, BARS / longest)
        y += LINE
    return y + 48


def _legend(drawing: Drawing, y: int, legend: dict[str, str]) -> None:
    x = WIDTH - 90 * len(legend)
    for name, colour in legend.items():
        drawing.append(Rectangle(x, y - 11, 12, 12, fill=colour))
        drawing.append(Text(name, 13, x + 18, y, fill=INK))
        x += 90


def _bar(drawing: Drawing, y: int, bar: Bar, scale: float) -> None:
    drawing.append(Text(bar.label, 13, LABELS - 10, y + 20, fill=INK, text_anchor="end"))
    x = float(LABELS)
    for size, colour in bar.parts:
        drawing.append(Rectangle(round(x, 2), y + 6, round(size * scale, 2), THICK, fill=colour))
        x += size * scale
    drawing.append(Text(bar.said, 13, round(x + 8, 2), y + 20, fill=INK))
