"""Endpoints that messages are sent to: how they are, what became of messages, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from dashboard.shop import ShopView
from dashboard.snapshot import Endpoint, Snapshot
from dashboard.words import Words
from sinks.deliveries import Delivery, EndpointReport
from sinks.reports import HEARD

LOST = HEARD
"""An endpoint of which nothing was told for so long (ms): nobody sends to it any more."""


class Endpoints(Struct, frozen=True):
    """Every endpoint of which something was told within a day, by name. `at`: when Redis was looked at (wall ms)."""

    at: int
    endpoints: tuple[EndpointReport, ...]


class Deliveries(Struct, frozen=True):
    """Messages that came to their end at an endpoint, newest first."""

    endpoint: str
    deliveries: tuple[Delivery, ...]


def endpoints(snapshot: Snapshot, shop: ShopView) -> Endpoints:
    """The answer of a snapshot."""
    return Endpoints(snapshot.at, tuple(each.report for each in snapshot.endpoints))


def lost(endpoint: Endpoint, now: int) -> bool:
    """Whether nobody sends to the endpoint any more, at `now` (wall ms)."""
    return now - endpoint.report.at >= LOST


def problems(snapshot: Snapshot, words: Words) -> Iterator[str]:
    """What is wrong with endpoints, and what to do. One of which nothing is told while others are heard of was taken
    out: that is no problem."""
    found = snapshot.endpoints
    heard = [each.report for each in found if not lost(each, snapshot.at)]
    if found and not heard:
        ago = words.lasts(snapshot.at - max(each.report.at for each in found))
        yield words("Nobody has sent messages to endpoints for {time}: start `kairos act`.", time=ago)
    for report in heard:
        if report.state == "off":
            yield words(
                "Endpoint {name} is off, nothing is sent to it: {problem}", name=report.name, problem=report.problem
            )
        elif report.state == "failing":
            yield words(
                "Endpoint {name} has taken no message for {time}, {waiting} wait: {problem}",
                name=report.name,
                time=words.lasts(max(0, snapshot.at - report.since)),
                waiting=words.number(report.waiting + report.retrying),
                problem=report.problem,
            )
