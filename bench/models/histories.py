"""A data set through the engine, as `kairos replay --local` runs it: a worker's shards, fold and tables, over memory.

At each cut the engine has seen the rows before it and nothing else.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from bench.progress import Show
from kairos.config.settings import Settings
from kairos.replay import ticks
from kairos.replay.local import Local
from kairos.replay.row import Row, Rows
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore

SHARDS = 8


class Folded(NamedTuple):
    """The engine at a cut: all state (profiles, timers, tables), all that was said so far, and the event time (ms)."""

    store: MemoryStore
    outputs: MemoryOutputs
    settings: Settings
    at: int


def fold(batches: Iterable[Rows], settings: Settings, cuts: Sequence[int], show: Show) -> Iterator[Folded]:
    """Run the engine from cut to cut.

    Parameters
    ----------
    batches
        The rows of the data set, as its format yields them.
    cuts
        Event times (ms), ascending. Every row with a time before a cut is folded, and a tick says that it has come.
    show
        Told how many rows are folded, in all.

    Yields
    ------
    The state at each cut. It is the same store each time and goes on with the next: read it before.

    Raises
    ------
    ValueError
        A row has no time.
    """
    rows = sorted(chain.from_iterable(batches), key=_time)
    local = Local(settings, SHARDS, store := MemoryStore(), outputs := MemoryOutputs())
    done = 0
    for at in cuts:
        until = bisect_left(rows, at, lo=done, key=_time)
        local.run(ticks.spans([rows[done:until]], until=at))
        done = until
        show(done)
        yield Folded(store, outputs, settings, at)


def _time(row: Row) -> int:
    if row[0] is None:
        raise ValueError(f"a row without a time: {row[3][:100]!r}")
    return row[0]
