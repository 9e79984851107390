"""What the page knows of the endpoints that messages are sent to, brought up to date by one look after the other."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.snapshot import Endpoint
from sinks import deliveries
from sinks.deliveries import Delivery, EndpointReport
from sinks.read_model import deliveries as newest
from sinks.store import ReadModel, StoreError

SHOWN = 10
"""Newest deliveries of each endpoint."""


class EndpointLooker:
    """Reads the newest deliveries of those endpoints whose counts moved."""

    def __init__(self, reader: ReadModel) -> None:
        self._reader = reader
        self._told: Mapping[str, bytes] = {}
        self.endpoints: tuple[Endpoint, ...] = ()

    def look(self, told: Mapping[str, bytes]) -> tuple[Endpoint, ...]:
        """Endpoints by name, as they are told now; the same object where nothing moved."""
        if told != self._told:
            before = {each.report.name: each for each in self.endpoints}
            self.endpoints = tuple(self._endpoint(report, before) for report in deliveries.merged(told))
            self._told = dict(told)
        return self.endpoints

    def _endpoint(self, report: EndpointReport, before: Mapping[str, Endpoint]) -> Endpoint:
        known = before.get(report.name)
        if known is not None and known.report.counts == report.counts:
            return Endpoint(report, known.newest)
        return Endpoint(report, self._newest(report.name))

    def _newest(self, name: str) -> tuple[Delivery, ...]:
        """Deliveries; none where Redis does not let the page read them, which is no reason to show nothing else."""
        try:
            return tuple(newest(self._reader, name, SHOWN))
        except StoreError:
            return ()
