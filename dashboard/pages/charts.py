"""Geometry of the charts that the server draws: where things lie, in units of the picture. Templates draw them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import sqrt

from msgspec import Struct

from dashboard.answers.shoppers import Cell
from models.churn.card import Card, Score
from models.churn.track_record import BINS

SIDE = 200
"""Width and height of the calibration picture, without its margins."""
LARGEST = 12.0
"""Radius of the point that most labels lie in."""
PATH_WIDTH, PATH_HEIGHT = 300, 120
LEAST = 0.1
"""How far the picture of an interval reaches to either side of 0 at least."""
SHADES = 6
"""Shades of the heat map."""


class Point(Struct, frozen=True):
    """A point of a chart, its radius, and the numbers it stands for."""

    x: float
    y: float
    radius: float
    across: float
    up: float
    count: int = 0


class Grid(Struct, frozen=True):
    """The R-F grid by (recency, frequency), and the buyers of its fullest cell."""

    cells: Mapping[tuple[int, int], Cell]
    most: int


class Interval(Struct, frozen=True):
    """An interval across a picture in whose middle 0 stands: how far that reaches to either side, and where the ends
    and the estimate are."""

    reach: float
    low: float
    value: float
    high: float


class Calibration(Struct, frozen=True):
    """How right the predictions of who judges were, by the first horizon: its days, its scores, and its points."""

    days: int
    score: Score
    points: list[Point]


def grid(cells: Iterable[Cell]) -> Grid:
    """The cells in which somebody is."""
    found = {(cell.r, cell.f): cell for cell in cells if cell.buyers}
    return Grid(found, max((cell.buyers for cell in found.values()), default=0))


def judged(card: Card) -> Calibration:
    """The calibration picture of a model card."""
    horizon = card.horizons[0]
    score = next(each.recent for each in horizon.contestants if each.judges)
    return Calibration(horizon.days, score, calibration(score.calibration, 1 / BINS))


def share(part: float, whole: float) -> float:
    """A part as a percentage of a whole, at most 100.

    >>> share(1, 4), share(5, 4), share(1, 0)
    (25.0, 100.0, 0.0)
    """
    return min(100.0, round(100 * part / whole, 2)) if whole > 0 else 0.0


def shares(values: Sequence[float]) -> list[float]:
    """Each value as a percentage of the largest.

    >>> shares([1, 4, 0]), shares([0, 0])
    ([25.0, 100.0, 0.0], [0.0, 0.0])
    """
    top = max(values, default=0)
    return [share(value, top) for value in values]


def shade(count: int, most: int) -> int:
    """Shade of a cell of the heat map, 0 (nobody) to `SHADES`: by the square root, since segments differ much in size.

    >>> [shade(count, 100) for count in (0, 1, 25, 100)], shade(0, 0)
    ([0, 1, 3, 6], 0)
    """
    return 0 if count <= 0 or most <= 0 else max(1, round(SHADES * sqrt(count / most)))


def calibration(cells: Iterable[tuple[float, int, float]], width: float) -> list[Point]:
    """Points of the calibration picture: predicted across, happened upwards, the area of each as its labels.

    Parameters
    ----------
    cells
        As `models.churn.card.Score.calibration`: where the cell begins, labels, share of them with an order.
    width
        Of a cell: a cell stands at its middle.

    >>> calibration([(0.0, 9, 0.1), (0.5, 36, 1.0)], 0.5)[1]
    Point(x=150.0, y=0.0, radius=12.0, across=0.75, up=1.0, count=36)
    """
    known = list(cells)
    most = max((labels for _, labels, _ in known), default=1)
    return [
        Point(
            x=round(SIDE * min(1.0, since + width / 2), 2),
            y=round(SIDE * (1 - share), 2),
            radius=round(max(2.0, LARGEST * sqrt(labels / most)), 2),
            across=min(1.0, since + width / 2),
            up=share,
            count=labels,
        )
        for since, labels, share in known
    ]


def path(steps: Sequence[tuple[int, float]]) -> list[Point]:
    """Points of a risk that moves with the days: days across, risk upwards from 0 to 1.

    >>> [(point.x, point.y) for point in path([(0, 0.25), (14, 0.5), (28, 1.0)])]
    [(0.0, 90.0), (150.0, 60.0), (300.0, 0.0)]
    """
    last = max((days for days, _ in steps), default=1) or 1
    return [
        Point(round(PATH_WIDTH * days / last, 2), round(PATH_HEIGHT * (1 - risk), 2), 3.0, days, risk)
        for days, risk in steps
    ]


def interval(low: float, value: float, high: float | None) -> Interval:
    """The picture of an interval beside zero, which stands in the middle; both sides have the same scale.

    Parameters
    ----------
    low, value, high
        Its ends and the estimate, as shares; `high` None: nothing bounds it.

    >>> interval(-0.1, 0.3, 0.8)
    Interval(reach=0.8, low=131.25, value=206.25, high=300.0)
    >>> interval(-1.0, 3.0, None).high
    300
    """
    reach = max(LEAST, abs(low), abs(value), abs(high or 0.0))

    def across(share: float) -> float:
        return round(PATH_WIDTH / 2 * (1 + share / reach), 2)

    return Interval(reach, across(low), across(value), PATH_WIDTH if high is None else across(high))


def line(points: Iterable[Point]) -> str:
    """Points as a polyline's.

    >>> line(path([(0, 0.0), (1, 1.0)]))
    '0.0,120.0 300.0,0.0'
    """
    return " ".join(f"{point.x},{point.y}" for point in points)
