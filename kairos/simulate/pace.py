"""How fast rows come: at once, so many a second, or as time goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from kairos.replay.row import Row, Rows, Span

AT_ONCE = 1_000
"""Rows of a batch, where nothing has to be waited for."""
PATIENCE = 0.1
"""Seconds waited at most without giving what there is, which may be nothing."""
BEHIND = 5.0
"""Seconds a row may be given after it was due without a word."""

Due = Callable[[int, int], float]
"""From a row's number and the event time reached (ms) to the second after the beginning when it is due."""

Slow = Callable[[float], None]
"""Told how many rows a second were given since the last one that was on time."""


def by_rate(rate: float) -> Due:
    """So many rows a second.

    >>> by_rate(4.0)(8, 0)
    2.0
    """
    return lambda number, at: number / rate


def by_time(start: int, speed: float) -> Due:
    """Event time, `start` (ms) first, runs `speed` times as fast as time.

    >>> by_time(1_000, 2.0)(0, 5_000)
    2.0
    """
    return lambda number, at: (at - start) / 1000 / speed


def batches(rows: Iterable[Row], due: Due | None, stopped: Callable[[], bool], slow: Slow) -> Iterator[Rows]:
    """Rows as they are due, all at once if `due` is None; until they end or `stopped`. `slow` is called once, when rows
    are `BEHIND` because whoever makes or takes them is too slow.

    An empty batch is given now and then while there is nothing, so that whoever takes them can do something else.
    """
    source = iter(rows)
    if due is None:
        while (batch := list(islice(source, AT_ONCE))) and not stopped():
            yield batch
        return
    yield from _paced(source, due, stopped, slow)


def _paced(source: Iterator[Row], due: Due, stopped: Callable[[], bool], slow: Slow) -> Iterator[Rows]:
    begun, at, batch = time.monotonic(), 0, Rows()
    in_time, told = (0, begun), False
    for number, row in enumerate(source):
        at = max(at, row[0] or 0)
        while (wait := begun + due(number, at) - (now := time.monotonic())) > 0 and not stopped():
            in_time = number - len(batch), now
            yield batch
            batch = []
            time.sleep(min(wait, PATIENCE))
        if stopped():
            return
        if wait < -BEHIND and not told:
            told = True
            slow((number - len(batch) - in_time[0]) / (now - in_time[1]))
        batch.append(row)
        if len(batch) >= AT_ONCE:
            yield batch
            batch = []
    yield batch


def not_ahead(spans: Iterable[Span], now: Callable[[], int]) -> Iterator[Span]:
    """A tick that would be ahead of the clock (ms) comes right after the last event instead."""
    last = 0
    for span in spans:
        last = max([last, *(row[0] for row in span.rows if row[0] is not None)])
        ahead = span.tick is not None and span.tick > now()
        yield Span(span.rows, last + 1) if ahead else span
