"""What became of messages on their way to endpoints, for pages and people: beside the work, and bounded.

`kairos act` writes it. How an endpoint is, each process tells in a report (`sinks.reports`) under the names of both; an
endpoint's newest deliveries are a list of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from sinks.reports import HEARD, Reports, readable

State = Literal["up", "slowed", "failing", "off"]
"""`up`: the newest attempt was taken; `slowed`: it asked for time (429, 503); `failing`: retries go on, or nothing can
be read; `off`: it said 410, or somebody switched it off."""
Fate = Literal["delivered", "expired", "retracted", "undeliverable"]
"""What became of a message in the end. `undeliverable` ones are dead letters."""

FATES: tuple[Fate, ...] = ("delivered", "expired", "retracted", "undeliverable")
WORST: tuple[State, ...] = ("off", "failing", "slowed", "up")
"""States, the worst first."""


class EndpointReport(Struct, frozen=True):
    """One endpoint, as told every two seconds.

    Attributes
    ----------
    name, host
        As in the file of endpoints; where it is, without path, query or secret.
    state, since
        How it is, since when (wall ms).
    at
        When this was told (wall ms).
    waiting, retrying
        Messages not tried yet; tried, and to be tried again.
    oldest
        `as_of` of the oldest of them (ms); 0: none.
    behind
        Messages of its topics that it has not read yet.
    counts
        By fate, and ``attempts``, ``retries``, ``skipped`` (not for it, by its filters): since the first start.
    p50, p99
        From reading a message to its being taken (ms), over the newest deliveries; None: nothing was delivered yet.
    problem
        Why it is not `up`, in words, with no secret in it: the newest failure, or why nothing more is read; "" once a
        delivery succeeded.
    """

    name: str
    host: str
    at: int
    state: State = "up"
    since: int = 0
    waiting: int = 0
    retrying: int = 0
    oldest: int = 0
    behind: int = 0
    counts: dict[str, int] = {}
    p50: int | None = None
    p99: int | None = None
    problem: str = ""


class Delivery(Struct, frozen=True):
    """One message that came to its end: `status` is the answer's (0: no answer), `took` ms of the last attempt."""

    id: str
    topic: str
    kind: str
    user_id: str | None
    as_of: int
    at: int
    fate: Fate
    attempts: int
    status: int = 0
    took: int = 0
    why: str = ""


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(EndpointReport).decode
_delivery = msgspec.json.Decoder(Delivery).decode


def merged(fields: Mapping[str, bytes]) -> list[EndpointReport]:
    """One report an endpoint, by name, of what each process that sends to it told; what cannot be read is left out.

    Parameters
    ----------
    fields
        By endpoint and process, as `tell` writes them.

    >>> one, two = (EndpointReport("crm", "crm.example", 5_000, state, waiting=2) for state in ("up", "failing"))
    >>> [(it.state, it.waiting) for it in merged({"crm a": encode(one), "crm b": encode(two), "crm c": b"[]"})]
    [('failing', 4)]
    """
    told = sorted(readable(fields.values(), decode), key=lambda report: report.name)
    return [_together(list(reports)) for _, reports in groupby(told, key=lambda report: report.name)]


def _together(reports: list[EndpointReport]) -> EndpointReport:
    newest = max(reports, key=lambda report: report.at)
    lately = [report for report in reports if newest.at - report.at < HEARD]
    worst = min(lately, key=lambda report: (WORST.index(report.state), report.since))
    return replace(
        newest,
        state=worst.state,
        since=worst.since,
        waiting=sum(report.waiting for report in lately),
        retrying=sum(report.retrying for report in lately),
        oldest=min((report.oldest for report in lately if report.oldest), default=0),
        behind=sum(report.behind for report in lately),
        p50=max((report.p50 for report in lately if report.p50 is not None), default=None),
        p99=max((report.p99 for report in lately if report.p99 is not None), default=None),
        problem=worst.problem,
    )


def decoded(values: Iterable[bytes]) -> list[Delivery]:
    """Deliveries, those that can be read."""
    return list(readable(values, _delivery))


def tell(reports: Reports, sender: str, report: EndpointReport) -> None:
    """Write the report of one process, `sender`, over its last one on an endpoint. Raises `sinks.store.StoreError`."""
    reports.report(f"{report.name} {sender}", encode(report))
