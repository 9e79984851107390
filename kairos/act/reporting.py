"""How endpoints are: told in Redis every two seconds, and what others say of them there heeded."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol
from urllib.parse import urlsplit

from sinks import deliveries
from sinks.deliveries import EndpointReport
from sinks.reports import Reports, sweep
from sinks.store import StoreError
from sinks.webhooks.courier import Courier
from sinks.webhooks.delivery_store import DeliveryStore, Switch
from sinks.webhooks.message import Place
from streams.pulse import Periodic

logger = logging.getLogger(__name__)

EVERY = 2.0
"""Seconds between two reports."""
SWEEP = 900
"""Reports between two looks at those of others that are old."""


class Ends(Protocol):
    """Where the partitions at hand end, as far as that is known."""

    @property
    def positions(self) -> Mapping[Place, int]:
        """Offset of the next message to come, by partition."""
        ...


class Reporting(Periodic):
    """Reports of one process, from `start` to `stop`.

    Parameters
    ----------
    couriers, watch
        Of the process.
    store, reports
        Where endpoints are switched on and off, and where it reports.
    clock
        Wall time in ms.

    Attributes
    ----------
    problem
        Why Redis did not take the last report; "" if it did.
    """

    def __init__(
        self,
        couriers: Sequence[Courier],
        watch: Ends,
        store: DeliveryStore,
        reports: Reports,
        clock: Callable[[], int],
    ) -> None:
        self._couriers, self._watch, self._store, self._to, self._clock = couriers, watch, store, reports, clock
        self._sender = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(2)}"
        self._counts: dict[str, Mapping[str, int]] = {}
        self._kept: dict[str, Switch | None] = {}
        self.problem = ""

    async def _run(self) -> None:
        rounds = 0
        while True:
            try:
                for courier in self._couriers:
                    await self._heed(courier)
                await asyncio.to_thread(self._tell, list(self.reports()), rounds % SWEEP == 0)
                self.problem = ""
            except StoreError as error:
                self.problem = f"Redis does not answer: {error}"
                logger.debug("no report on endpoints: %s", error)
            rounds += 1
            await asyncio.sleep(EVERY)

    async def heed(self) -> None:
        """Switch off what was switched off before this process began. May raise StoreError."""
        for courier in self._couriers:
            await self._heed(courier)

    async def _heed(self, courier: Courier) -> None:
        """Redis and this process agree on whether an endpoint is off; what changed last wins."""
        name, condition = courier.endpoint.name, courier.condition
        stored, kept = await asyncio.to_thread(self._store.switched, name), self._kept.get(name)
        if condition.off != kept:  # its own answer said so
            logger.warning(
                "%s is switched off: %s. `kairos act on %s` once it is back", courier, condition.problem, name
            )
            await asyncio.to_thread(self._store.switch, name, condition.off)
        elif stored is not None and stored.mark not in ("", condition.mark):
            logger.info("%s is described anew in the file: it is on again", courier)
            await asyncio.to_thread(self._store.switch, name, None)
            condition.off = None
        elif stored != kept:
            logger.info("%s: %s", courier, "on again" if stored is None else f"switched off: {stored.why}")
            condition.off = stored
            courier.wake()
        self._kept[name] = condition.off

    def reports(self) -> Iterator[EndpointReport]:
        """Each endpoint as it is now."""
        now = self._clock()
        for courier in self._couriers:
            queue, condition = courier.queue, courier.condition
            entries = [entry for lane in queue.lanes.values() for entry in lane.entries.values()]
            state, since = condition.state(now)
            yield EndpointReport(
                name=courier.endpoint.name,
                host=urlsplit(courier.endpoint.url).hostname or "",
                at=now,
                state=state,
                since=since,
                waiting=sum(not entry.attempts for entry in entries),
                retrying=sum(entry.attempts > 0 for entry in entries),
                oldest=min((entry.head.as_of for entry in entries), default=0),
                behind=sum(self._behind(courier)),
                counts=dict(self._counts.get(courier.endpoint.name, {})),
                p50=condition.quantile(0.5),
                p99=condition.quantile(0.99),
                problem=condition.off.why if condition.off else condition.unread or condition.problem,
            )

    def _behind(self, courier: Courier) -> Iterator[int]:
        for place, lane in courier.queue.lanes.items():
            yield max(0, self._watch.positions.get(place, 0) - lane.next)

    def _tell(self, reports: Sequence[EndpointReport], sweeping: bool) -> None:
        for report in reports:
            self._counts[report.name] = self._store.counts(report.name)
            deliveries.tell(self._to, self._sender, report)
        if sweeping:
            sweep(self._to, deliveries.decode, self._clock())
