"""The shop: rows in the order of their delivery; the same settings give the same rows.

newcomers ──> visit (plot) ──rows──> faults ──> queue in order of delivery ──> Row
    people come again, to look, for their cart, to buy <──┘
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush

from kairos.replay.row import Row
from kairos.simulate import places, scripted
from kairos.simulate.arrivals import Arrivals
from kairos.simulate.calls import Writer
from kairos.simulate.catalogue import Catalogue
from kairos.simulate.draws import Draws
from kairos.simulate.faults import Faults
from kairos.simulate.people import stranger
from kairos.simulate.settings import SimulationSettings
from kairos.simulate.visit import Floor
from kairos.simulate.visit_plan import Planned, wander
from models.kernel.settings import SECOND

__all__ = ["Shop", "SimulationSettings"]

SHARE = sum(places.RHYTHM) / len(places.RHYTHM) / places.PEAK
"""Share of those who could come that are awake, in the mean of a day."""


class Shop:
    """All rows from `settings.start` on, without end if `settings.end` is None. Iterate once.

    Rows are in order of event time, but for the faults that are asked for.
    """

    def __init__(self, settings: SimulationSettings) -> None:
        self.settings = settings
        mark = f"{settings.seed:x}{settings.start // SECOND:x}"
        self._floor = Floor(settings, Draws(settings.seed), Writer(mark), Catalogue(settings.currency))
        self._faults = Faults(settings)
        self._queue: list[tuple[int, int, Row | Planned | None]] = []
        self._pushed = 0
        self._people = 0
        self._mean = settings.within / settings.shoppers * SHARE
        self._arrivals = None if settings.rate is None else Arrivals(settings.rate, settings.start)
        self._push(self._newcomer(settings.start) if self._arrivals is None else settings.start, None)
        if settings.scripted is not None:
            for row in scripted.rows(self._floor, settings.scripted):
                self._send(row[0] or 0, row)

    def __iter__(self) -> Iterator[Row]:
        queue = self._queue
        while queue:
            at, _, what = heappop(queue)
            if what is None:
                self._door(at)
            elif isinstance(what, Planned):
                self._visit(what)
            else:
                yield what

    def _door(self, at: int) -> None:
        """Somebody might come now for the first time; or, at a steady rate, some do within the second."""
        if self._arrivals is None:
            self._push(self._newcomer(at), None)
            self._arrival(at)
            return
        self._push(at + SECOND, None)
        for moment in self._arrivals.next_second():
            while not self._arrival(moment):
                pass

    def _arrival(self, at: int) -> bool:
        """Somebody comes at `at` (ms) if people are awake where they live; whether they did."""
        draws = self._floor.draws
        place = places.place(draws)
        if not places.awake(at, place.offset, draws):
            return False
        self._people += 1
        self._visit(Planned(at, stranger(self._people, place, self.settings, draws), wander))
        return True

    def _newcomer(self, at: int) -> int:
        """When the next may come for the first time. The Poisson process has no memory: it can start anew anywhere."""
        campaign, draws = self.settings.campaign, self._floor.draws
        if campaign is not None and at >= campaign:
            return at + 1 + int(draws.exponential(self._mean / self.settings.crowd))
        next_at = at + 1 + int(draws.exponential(self._mean))
        return next_at if campaign is None or next_at < campaign else self._newcomer(campaign)

    def _visit(self, planned: Planned) -> None:
        visit, plans = planned.plot(self._floor, planned.person, planned.at)
        for plan in plans:
            self._push(plan.at, plan)
        for row in visit.rows:
            self._deliver(row)

    def _deliver(self, row: Row) -> None:
        at, end = row[0], self.settings.end
        assert at is not None
        if end is not None and at >= end:
            return
        deliveries = list(self._faults.deliveries(row)) if self._faults.any else [(at, row)]
        for delivered, sent in deliveries:
            self._send(delivered, sent)
        if self._arrivals is not None:
            self._arrivals.expect(at, len(deliveries))

    def _push(self, at: int, what: Planned | None) -> None:
        if self.settings.end is None or at < self.settings.end:
            self._send(at, what)

    def _send(self, at: int, what: Row | Planned | None) -> None:
        """Into the queue; ties come in the order of pushing."""
        self._pushed += 1
        heappush(self._queue, (at, self._pushed, what))
