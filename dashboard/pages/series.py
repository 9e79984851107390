"""Columns of the charts that the browser draws (uPlot): first what lies across; None where a line has no point."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter

from dashboard.answers.now import Curve, Rate
from models.decoding.money import exponent

Points = Sequence[tuple[int, int]]
Columns = list[list[float | None]]
HOURS = 25
"""Ends of hours of the longest day."""


def curve(found: Curve, currency: str) -> Columns:
    """Minute of the day, and revenue so far in whole units of the currency: today, yesterday, last week.

    >>> curve(Curve(((0, 0), (7, 150)), ((0, 0), (60, 300)), ()), "USD")
    [[0, 7, 60], [0.0, 1.5, None], [0.0, None, 3.0], [None, None, None]]
    """
    lines = [dict(points) for points in (found.today, found.yesterday, found.last_week)]
    across = sorted({minute for line in lines for minute in line})
    unit = 10 ** exponent(currency)
    return [[*across], *([None if (at := line.get(x)) is None else at / unit for x in across] for line in lines)]


def hourly(found: Curve) -> list[tuple[int, list[int | None]]]:
    """The same as a table: end of an hour, and revenue by then of the three days in minor units.

    >>> hourly(Curve(((0, 0), (7, 150)), ((0, 0), (60, 300)), ()))
    [(1, [150, 300, None])]
    """
    lines = (found.today, found.yesterday, found.last_week)
    rows = [(hour, [_by(line, hour * 60) for line in lines]) for hour in range(1, HOURS + 1)]
    return [(hour, values) for hour, values in rows if any(value is not None for value in values)]


def _by(points: Points, minute: int) -> int | None:
    """The value by then; None where the line ended an hour before or earlier."""
    passed = bisect_right(points, minute, key=itemgetter(0))
    return points[passed - 1][1] if passed and points[-1][0] > minute - 60 else None


def minutes(found: Sequence[Rate]) -> Columns:
    """Start of the minute (s since 1970), and events, orders and triggers in it.

    >>> minutes([Rate(60_000, 9, 1, 0)])
    [[60.0], [9], [1], [0]]
    """
    return [
        [each.at / 1000 for each in found],
        [each.events for each in found],
        [each.orders for each in found],
        [each.triggers for each in found],
    ]
