"""``models.svg``: reliability. What was predicted against what came, a panel for each data set and horizon."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

from drawsvg import Circle, Drawing, Line, Lines, Rectangle, Text

from bench.models.measures import Bin
from bench.models.results import Horizon, Results, Score

SIDE, GAP, LEFT, TOP = 230, 50, 52, 62
INK, PALE, FRAME = "#1f2328", "#59636e", "#d1d9e0"
COLOURS = ("#0969da", "#9a6700", "#bf3989")
FONT = "system-ui, sans-serif"
LETTER = 6
"""Width of a letter of the legend."""
NORMAL = 1.96
"""Standard errors on each side of a 95 % interval."""


def svg(found: Results) -> str:
    """The picture as SVG text, which depends on the numbers alone: a row for each set, a column for each horizon."""
    sets = list(found.sets.values())
    columns = max((len(each.horizons) for each in sets), default=1)
    width, height = LEFT + columns * (SIDE + GAP), len(sets) * (SIDE + TOP + GAP)
    drawing = Drawing(width, max(height, 1), font_family=FONT)
    drawing.append(Rectangle(0, 0, width, max(height, 1), fill="#ffffff"))
    for row, each in enumerate(sets):
        for column, horizon in enumerate(each.horizons):
            x, y = LEFT + column * (SIDE + GAP), TOP + row * (SIDE + TOP + GAP)
            _panel(drawing, x, y, f"{each.name}, {horizon.days} days", horizon)
    return str(drawing.as_svg()) + "\n"


def shown(horizon: Horizon) -> Iterator[Score]:
    """The models of a panel: the engine's live one, which comes first, the best closed form, and recency."""
    yield horizon.scores[0]
    yield from (score for score in horizon.scores[1:] if score.name in (horizon.best, "recency alone"))


def error(each: Bin) -> float:
    """Half the width of the 95 % interval of a bin's observed share (Wilson's, of a share so far from 0 and 1 as it may
    be with so many shoppers).

    >>> round(error(Bin(100, 0.5, 0.5)), 3)
    0.096
    """
    n, p = each.size, each.observed
    return NORMAL / (1 + NORMAL**2 / n) * sqrt(p * (1 - p) / n + NORMAL**2 / (4 * n * n))


def _panel(drawing: Drawing, x: float, y: float, title: str, horizon: Horizon) -> None:
    scores = list(shown(horizon))
    most = max(max(b.predicted, b.observed) for score in scores for b in score.bins)
    top = min(1.0, (int(most * 10) + 1) / 10)
    scale = SIDE / top
    drawing.append(Text(title, 14, x, y - 40, fill=INK, font_weight="bold"))
    drawing.append(Rectangle(x, y, SIDE, SIDE, fill="none", stroke=FRAME))
    drawing.append(Line(x, y + SIDE, x + SIDE, y, stroke=PALE, stroke_dasharray="4 3"))
    for tick in (0.0, top):
        drawing.append(Text(f"{tick:.1f}", 11, x + tick * scale, y + SIDE + 15, fill=PALE, text_anchor="middle"))
        drawing.append(Text(f"{tick:.1f}", 11, x - 5, y + SIDE - tick * scale + 4, fill=PALE, text_anchor="end"))
    drawing.append(Text("predicted", 11, x + SIDE / 2, y + SIDE + 15, fill=PALE, text_anchor="middle"))
    legend = x
    for score, colour in zip(scores, COLOURS, strict=False):
        drawing.append(Rectangle(legend, y - 21, 9, 9, fill=colour))
        drawing.append(Text(score.name, 11, legend + 13, y - 12, fill=INK))
        legend += 25 + LETTER * len(score.name)
        _line(drawing, x, y + SIDE, scale, score, colour)


def _line(drawing: Drawing, x: float, y: float, scale: float, score: Score, colour: str) -> None:
    """The bins of one model; (x, y) is where both axes are 0."""
    places = [(round(x + b.predicted * scale, 2), round(y - b.observed * scale, 2)) for b in score.bins]
    drawing.append(Lines(*(number for place in places for number in place), fill="none", stroke=colour))
    for (at, height), each in zip(places, score.bins, strict=True):
        half = round(error(each) * scale, 2)
        drawing.append(Line(at, height - half, at, height + half, stroke=colour, stroke_opacity=0.5))
        drawing.append(Circle(at, height, 3, fill=colour))
