"""A whole shop for tests: many shoppers folded as one shard does it, with a table at every boundary."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush

from models.features import SHOPPERS, TABLES
from models.kernel.events import Event
from models.kernel.moment import slot
from models.kernel.record import DecodedRecord
from models.kernel.settings import SharedSettings
from models.kernel.shopper import Profile
from tests.models.rfm.watch import Watch
from tests.models.shopper import role

Act = tuple[int, int, str, Event]
"""When it arrives, when it happened (ms), who, what."""


class Shop:
    """Folds what all shoppers do, in the order of time."""

    def __init__(self, settings: SharedSettings, watch: Watch) -> None:
        self.settings, self.watch = settings, watch
        self.ctx = SHOPPERS.context(settings)
        self.shoppers: dict[str, Profile] = {}
        self.timers: list[tuple[int, str]] = []
        self.tables: list[bytes] = []
        self.frozen: tuple[int, bytes] = 0, b""
        self.now = self.timers_fired = 0

    def runs(self, acts: Iterable[Act], until: int) -> Shop:
        """All that is done, in the order of arrival, and then time alone up to `until` (ms)."""
        for number, (at, e, user, event) in enumerate(acts, 1):
            self.goes_on(at)
            reading = DecodedRecord(e, user, event, role(event), number, True)
            p, _ = SHOPPERS.event(self.ctx, user, self.shoppers.get(user), reading, self.now)
            self._keep(user, event, p)
        self.goes_on(until)
        return self

    def goes_on(self, until: int) -> None:
        """Boundaries, tables and timers that come before `until`."""
        every, lag = self.settings.table_every, self.settings.table_lag
        while self.now and self.now < until:
            stop = min(until, *((self.now - at) // every * every + every + at for at in (0, lag)))
            self._fire(stop)
            self.now = stop
            if not stop % every:
                self.frozen = stop, TABLES[0].frozen(self.ctx, lambda prefix: {})
            if stop == self.frozen[0] + lag:
                before = self.tables[-1] if self.tables else None
                self.tables.append(TABLES[0].computed(self.settings, self.frozen[0], [self.frozen[1]], before))
                TABLES[0].enforce(self.ctx, self.tables[-1])
        self.now = until

    def _fire(self, until: int) -> None:
        while self.timers and self.timers[0][0] < until:
            due, user = heappop(self.timers)
            p = self.shoppers.get(user)
            if p is not None and p.due == due:
                self.timers_fired += 1
                self._keep(user, None, SHOPPERS.timer(self.ctx, user, p, due))

    def _keep(self, user: str, event: Event | None, p: Profile | None) -> None:
        if p is None:
            self.shoppers.pop(user, None)
            return
        self.shoppers[user] = p
        heappush(self.timers, (p.due, user))
        state = slot(p, SHOPPERS.named["scores"])
        if state is not None:
            self.watch.sees(user, event, state.scores)
