"""Clearance: how far other shards have come with what they may still forward here. Under the wall clock only.

Nobody is to be reminded of a cart whose order lies unread. In a feed without keys it may lie unread in any partition:
so what asks somebody to act waits not only until the shard itself has caught up (plan.py), but until all that forward
have. Each commits now and then how far it is clear, without any record too, and whoever has something to say looks. A
shop whose records lie where they belong forwards nothing: it waits for nobody, and commits nothing for this.
"""

from __future__ import annotations

from models.kernel.settings import DAY, SECOND
from sinks.shard_state import ShardState
from sinks.store import Store
from streams.timers import FOREVER

EVERY = 5 * SECOND
"""A shard commits this often (ms) how far it is clear, where nothing else is to commit."""
QUIET = DAY
"""A shard that has forwarded nothing for so long (ms) is no longer waited for: somebody has mended the keys."""
LOOK = SECOND
"""A shard looks this often (ms) at the others, and goes by what it saw the last time but one: what they had forwarded
by then has come meanwhile."""


class Clearance:
    """Of one claim of a shard.

    Parameters
    ----------
    store
        Where all shards' states are.
    partition, partitions
        Which shard this is, of how many.
    state
        Of the shard: `ShardState.clear` is kept here, from the first record on that the shard forwards.
    """

    def __init__(self, store: Store, partition: int, partitions: int, state: ShardState) -> None:
        self._store, self._state = store, state
        self._others = [other for other in range(partitions) if other != partition]
        self._next = 0
        self._since = 0  # wall ms since when it has forwarded nothing, as far as this claim knows
        self._told = state.clear
        self._looked = 0
        self._seen = self._known = 0

    def note(self, clear: int, now: int) -> None:
        """At each plan, at `now` (wall ms): what came before `clear` (event time, ms; 0: nobody knows) waits no longer
        in the inputs. It counts from the next plan on: then all that is forwarded of it is acknowledged."""
        if not self._state.clear:
            return
        self._since = self._since or now
        quiet = clear > 0 and now - self._since > QUIET
        self._state.clear = 0 if quiet else max(self._state.clear, self._next)
        self._next = 0 if quiet else clear

    def due(self) -> bool:
        """Whether it is time to commit how far the shard is clear."""
        return self._state.clear >= self._told + EVERY or self._state.clear < self._told

    def told(self, forwarded: int) -> None:
        """It is committed, with so many records forwarded."""
        self._told = self._state.clear
        if forwarded:
            self._since = 0

    def until(self, now: int, *, look: bool) -> int:
        """Event time (ms) before which no other shard has anything left for this one.

        Parameters
        ----------
        now
            Wall time in ms.
        look
            Whether anybody wants to know: else the others are not looked at, and the answer may be too early.

        Raises
        ------
        StoreError
        """
        if not self._state.forwards:
            return FOREVER
        if look and now >= self._looked + LOOK:
            self._known, self._seen, self._looked = self._seen, self._look(), now
        return self._known

    def _look(self) -> int:
        """The least of those that forward."""
        states = [ShardState.decode(self._store.shard(other)) for other in self._others]
        return min((state.clear for state in states if state.clear), default=FOREVER)
