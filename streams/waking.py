"""When time alone may move a shard at rest, under ``clock=wall``."""

from __future__ import annotations

from sinks.shard_state import ShardState
from streams.clearance import LOOK
from streams.tables import Tables
from streams.timers import FOREVER


def due(state: ShardState, tables: Tables, held: int, next_due: int | None, grace: int, now: int) -> int | None:
    """The wall time (ms) at which a shard is to be stepped without any news.

    Parameters
    ----------
    state, tables
        Of the shard.
    held
        Acting timers due then or later (event time, ms) wait for other shards.
    next_due
        When the earliest timer is due (ms); None: there is none.
    grace
        How far (ms) event time stays behind the clock where nothing comes.
    now
        Wall time in ms.

    Returns
    -------
    None: never. `now` or earlier: as soon as it is known anew which inputs are empty.
    """
    watermark = state.watermark
    if not watermark:
        return now  # event time begins
    first = tables.limit(watermark)
    if next_due is not None and next_due < held:
        first = min(first, next_due)
    wakes = first + grace + 1 if first < FOREVER else None
    if tables.pending or state.clear or held < FOREVER:  # other shards move it, and tell nothing
        return now + LOOK if wakes is None else min(wakes, now + LOOK)
    return wakes
