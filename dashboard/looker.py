"""What the page knows of the store, brought up to date by one look after the other. Synchronous: `dashboard.watch`
calls it from a thread."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from dashboard.endpoint_looker import EndpointLooker
from dashboard.snapshot import Endpoint, ShardView, Snapshot
from models.churn.card import Card, card
from models.churn.model import NAME as MODEL
from models.churn.model import Model
from sinks.look import BEGINNING, Known, Look, ShardLook, onward
from sinks.redis_errors import PASSING
from sinks.running_summary import RunningSummary
from sinks.shard_state import ShardState
from sinks.store import ReadModel, StoreError, Unavailable
from sinks.workers import decoded

UNREADABLE = "the store holds what this version cannot read: written by a newer one? Upgrade the page"


class Looker:
    """Looks at the store again and again; keeps what it found.

    Parameters
    ----------
    reader
        The store.
    now
        Wall time in seconds.
    """

    def __init__(self, reader: ReadModel, now: Callable[[], float] = time.time) -> None:
        self._reader = reader
        self._now = now
        self._known: dict[int, Known] = {}
        self._views: dict[int, ShardView] = {}
        self._running = RunningSummary()
        self._endpoints = EndpointLooker(reader)
        self._reports: dict[str, bytes] = {}
        self._model: tuple[int, Model | None] = (0, None)
        self._card: Card | None = None
        self.snapshot = Snapshot(at=0, shards=(), summary=self._running.summary(), model=None)

    def look(self) -> Look | None:
        """Look once, and make the snapshot anew where something moved.

        Returns
        -------
        What was found; None if the store did not answer, or cannot be read: then the snapshot says so, and keeps the
        rest.
        """
        try:
            found = self._reader.look(self._known)
            self._take(found, self._endpoints.look(found.endpoints))
        except StoreError as error:
            self.snapshot = replace(self.snapshot, problem=told(error))
        except (msgspec.MsgspecError, ValueError, TypeError):
            self._restart()
            self.snapshot = replace(self.snapshot, problem=UNREADABLE)
        else:
            return found
        return None

    def _restart(self) -> None:
        self._known, self._views, self._running = {}, {}, RunningSummary()

    def _take(self, found: Look, endpoints: tuple[Endpoint, ...]) -> None:
        if found.partitions != len(self._known):
            self._restart()
        for shard in found.moved:
            self._running.update(shard.partition, shard.stats)
            self._views[shard.partition] = _view(shard)
            self._known[shard.partition] = Known(shard.seq, self._position(shard))
        old = self.snapshot
        moved = bool(found.moved) or len(old.shards) != found.partitions or not old.at
        workers = tuple(decoded(found.workers)) if found.workers != self._reports else old.workers
        self._reports = dict(found.workers)
        self.snapshot = Snapshot(
            at=int(self._now() * 1000),
            shards=tuple(view for _, view in sorted(self._views.items())) if moved else old.shards,
            summary=self._running.summary() if moved else old.summary,
            model=self._newest_model() if moved else old.model,
            card=self._card,
            workers=workers,
            endpoints=endpoints,
        )

    def _position(self, shard: ShardLook) -> str:
        """Where the shard's feed is read on from: after its newest output, else where it was."""
        if shard.feed.entries:
            return shard.feed.entries[-1][0]
        before = self._known.get(shard.partition)
        return onward(before, shard.seq) if before else BEGINNING

    def _newest_model(self) -> Model | None:
        """The churn model of the newest version that a shard judges by; read when it is another one than before."""
        version = max((view.state.pins.get(MODEL, 0) for view in self._views.values()), default=0)
        if version != self._model[0]:
            stored = self._reader.table(MODEL, version) if version else None
            self._model = (version, Model.decode(stored) if stored is not None else None)
            self._card = card(self._model[1]) if self._model[1] is not None else None
        return self._model[1]


def told(error: StoreError) -> str:
    """What to say of a store that does not answer: no address, no password.

    >>> told(Unavailable("Error 111 connecting to db.internal:6379. Connection refused."))
    'Redis does not answer'
    >>> told(Unavailable("LOADING Redis is loading the dataset in memory"))
    'Redis does not answer yet: LOADING Redis is loading the dataset in memory'
    """
    text = str(error)
    if not isinstance(error, Unavailable):
        return text
    passing = text.split(" ", 1)[0] in PASSING
    return f"Redis does not answer yet: {text}" if passing else "Redis does not answer"


def _view(shard: ShardLook) -> ShardView:
    state = ShardState.decode(shard.state)
    return ShardView(shard.partition, state, shard.seq, shard.timers, shard.timers_due)
