"""From when things were due, sent and appended to how long they took. All times in ms since 1970."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from bench.quantiles import Quantiles, quantiles
from bench.stamped import Event, Key, Trigger
from bench.worker import WorkerFailed


class Delays(Struct, frozen=True):
    """How long things took (ms).

    Attributes
    ----------
    appended, intended
        To the first message that an event brought: from the event's append, and from when it was due to be sent.
    sender
        From when an event was due to be sent to its append.
    timers
        From when a cart's reminder was due to its append, while events came; None if there were none.
    silent
        The same of those that were due when no event followed.
    """

    appended: Quantiles
    intended: Quantiles
    sender: Quantiles
    timers: Quantiles | None
    silent: Quantiles | None


def delays(
    start: int,
    end: int,
    events: Mapping[Key, Event],
    tags: Mapping[Key, int],
    triggers: Sequence[Trigger],
    counts: Callable[[str], bool] = lambda _: True,
) -> Delays:
    """What the broker's stamps say of the time from `start` to `end`, and of the silence after it.

    Parameters
    ----------
    events, tags
        Every event, and when the first tag that it brought was appended.
    counts
        Whether the events of a shopper count.

    Raises WorkerFailed if a new shopper's order brought no tag.
    """
    counted = {key: event for key, event in events.items() if start <= event.due < end and counts(key[0])}
    triggers = [trigger for trigger in triggers if counts(trigger.user)]
    new = [key for key in counted if not key[1]]
    if lost := sum(key not in tags for key in new):
        raise WorkerFailed(f"{lost:,} of {len(new):,} orders brought no tag")
    told = [(event, tags[key]) for key, event in counted.items() if key in tags]
    if not told:
        raise WorkerFailed("no event brought a tag")
    return Delays(
        appended=quantiles(at - event.at for event, at in told),
        intended=quantiles(at - event.due for event, at in told),
        sender=quantiles(event.at - event.due for event, _ in told),
        timers=late(triggers, start, end),
        silent=late(triggers, end, 1 << 62),
    )


def late(triggers: Sequence[Trigger], start: int, end: int) -> Quantiles | None:
    """How late reminders were that fell due from `start` to `end`; None if there were none.

    >>> late([Trigger("u1", 10, 12), Trigger("u2", 30, 99)], 5, 20).p99
    2
    """
    found = [trigger.at - trigger.due for trigger in triggers if start <= trigger.due < end]
    return quantiles(found) if found else None
