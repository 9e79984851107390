"""Where the ticks go: one at every full hour of event time, after all rows before it; the last after the last event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from kairos.replay.row import Rows, Span
from kairos.terminal.times import stamp
from models.kernel.settings import DAY, HOUR

SILENCE = 31 * DAY
"""A longer silence gets one tick at its end instead of one an hour: a tick says all that those before it said."""


def value(at: int) -> bytes:
    """A tick as it is written, `at` in ms."""
    return msgspec.json.encode({"type": "kairos.tick", "timestamp": stamp(at)})


def after(at: int) -> int:
    """The next full hour strictly after `at`, both in ms.

    >>> after(0), after(HOUR - 1), after(HOUR)
    (3600000, 3600000, 7200000)
    """
    return (at // HOUR + 1) * HOUR


def spans(batches: Iterable[Rows], until: int | None = None) -> Iterator[Span]:
    """Put ticks between rows whose times are beyond doubt. (See `between`.)"""
    return between(map(Span, batches), until)


def between(source: Iterable[Span], until: int | None = None) -> Iterator[Span]:
    """Put ticks between rows.

    Rows that are out of order do not turn time back: a tick for T comes before the first row with a time of T or
    later, and rows before T that come after it are late.

    Parameters
    ----------
    source
        Rows without ticks.
    until
        A further last tick here (ms); nothing if the one that follows the last event is there already.
    """
    last: int | None = None
    for rows, _, at in source:
        start = 0
        for index, row in enumerate(rows):
            e = row[0]
            if e is None or (last is not None and e <= last):
                continue
            if last is not None and e >= after(last):
                yield from _hours(Span(rows[start:index], at=at), last, e)
                start = index
            last = e
        yield Span(rows[start:] if start else rows, at=at)
    yield from _end(last, until)


def _hours(span: Span, last: int, e: int) -> Iterator[Span]:
    """The rows up to here, and a tick for each full hour in (last, e]."""
    final = e // HOUR * HOUR
    first = after(last) if e - last <= SILENCE else final
    for at in range(first, final + 1, HOUR):
        yield span._replace(tick=at)
        span = Span([])


def _end(last: int | None, until: int | None) -> Iterator[Span]:
    if last is not None:
        yield Span([], after(last))
    if until is not None and (last is None or until > after(last)):
        yield Span([], until)
