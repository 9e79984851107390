"""From when things were due, sent and appended to how long they took. All times in ms since 1970."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from bench.quantiles import Quantiles, quantiles
from bench.stamped import Trigger
from bench.worker import WorkerFailed


class Phase(Struct, frozen=True):
    """What happened at one rate (events/s): from `start` to `end` new shoppers' orders counted, due when `sent` says.
    `worker` is the share of a core the worker used."""

    rate: int
    start: int
    end: int
    worker: float
    sent: Mapping[str, int]


class Pace(Struct, frozen=True):
    """How long things took at one rate (ms).

    Attributes
    ----------
    appended, intended
        To the message's append: from the event's append, and from when the event was due to be sent.
    sender
        From when an event was due to be sent to its append.
    timers
        From when a cart's reminder was due to its append; None if there were none.
    """

    rate: int
    worker: float
    appended: Quantiles
    intended: Quantiles
    sender: Quantiles
    timers: Quantiles | None


class Latency(Struct, frozen=True):
    """All rates; the `saturation` (events/s) that the last is half of; `silent`: reminders where no event follows."""

    saturation: float
    paces: list[Pace]
    silent: Quantiles | None


def pace(phase: Phase, orders: Mapping[str, int], tags: Mapping[str, int], triggers: Sequence[Trigger]) -> Pace:
    """One rate's figures.

    Parameters
    ----------
    orders, tags
        When each new shopper's order, and the first tag it caused, were appended.

    Raises WorkerFailed if a tag is missing.
    """
    sent = {user: due for user, due in phase.sent.items() if phase.start <= due < phase.end}
    if lost := sent.keys() - tags.keys():
        raise WorkerFailed(f"at {phase.rate:,} events/s {len(lost):,} of {len(sent):,} orders brought no tag")
    return Pace(
        phase.rate,
        phase.worker,
        appended=quantiles(tags[user] - orders[user] for user in sent),
        intended=quantiles(tags[user] - due for user, due in sent.items()),
        sender=quantiles(orders[user] - due for user, due in sent.items()),
        timers=late(triggers, phase.start, phase.end),
    )


def late(triggers: Sequence[Trigger], start: int, end: int) -> Quantiles | None:
    """How late reminders were that fell due from `start` to `end`; None if there were none.

    >>> late([Trigger(10, 12), Trigger(30, 99)], 5, 20).p99
    2
    """
    found = [trigger.at - trigger.due for trigger in triggers if start <= trigger.due < end]
    return quantiles(found) if found else None
