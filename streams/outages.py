"""A server that does not do its part, told once for the whole process, however many shards meet it: one sentence when
it begins, one a minute while it lasts, one when it is over.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager

logger = logging.getLogger(__name__)

EVERY = 60.0
"""Seconds between two sentences while an outage lasts."""


class Outage:
    """What one server fails to do. It begins with the first who meets it, and is over when all who met it got through.

    Its methods are called in the loop that works; any thread may read `since` and `problem`.

    Parameters
    ----------
    what
        What fails, as the beginning of a sentence: "Redis does not answer".
    advice
        What to check, and that nothing is lost.
    over
        That it works again: "Redis answers again".
    level
        Of every sentence, the last one too: a log without it would leave the outage open.
    every
        Seconds between two sentences while it lasts.
    clock
        Seconds, never going back.
    """

    def __init__(
        self,
        what: str,
        advice: str,
        over: str,
        *,
        level: int = logging.WARNING,
        every: float = EVERY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.since: float | None = None  # by the clock; None: all is well
        self._what = what
        self._advice = advice
        self._over = over
        self._level = level
        self._every = every
        self._clock = clock
        self._told = 0.0
        self._failing: set[Hashable] = set()

    @property
    def problem(self) -> str:
        """The outage and how long it has lasted, in words; "" while all is well."""
        since = self.since
        return "" if since is None else f"{self._what}, for {lasted(self._clock() - since)}"

    def failed(self, who: Hashable, error: object, since: float | None = None) -> None:
        """`who` met it, by this error; `since`: by the clock, when it last worked, where that is known."""
        self._failing.add(who)
        now = self._clock()
        if self.since is None:
            self.since, self._told = now if since is None else since, now
            self._say(f"{self._what} (%s). {self._advice}", error)
        elif now - self._told >= self._every:
            self._told = now
            self._say(f"{self.problem} now (%s). {self._advice}", error)

    def answered(self, who: Hashable) -> None:
        """`who` got through."""
        self._failing.discard(who)
        if self.since is not None and not self._failing:
            after, self.since = self._clock() - self.since, None
            self._say(f"{self._over}, after %s", lasted(after))

    def left(self, who: Hashable) -> None:
        """`who` no longer tries, and cannot tell whether it is over."""
        self._failing.discard(who)
        if not self._failing:
            self.since = None

    @contextmanager
    def after(self, seconds: float, who: Hashable) -> Iterator[None]:
        """A wait that fails as well when it only lasts: each so many seconds `who` has met the outage."""
        loop, started = asyncio.get_running_loop(), self._clock()
        timer: asyncio.TimerHandle

        def late() -> None:
            nonlocal timer
            timer = loop.call_later(seconds, late)
            self.failed(who, f"waited {lasted(self._clock() - started)}", started)

        timer = loop.call_later(seconds, late)
        try:
            yield
        finally:
            timer.cancel()

    def _say(self, text: str, about: object) -> None:
        logger.log(self._level, text, about)


class Outages:
    """All that may be away while a worker waits for it and loses nothing."""

    def __init__(self, *, every: float = EVERY, clock: Callable[[], float] = time.monotonic) -> None:
        self._every, self._clock = every, clock
        self.store = self.made(
            "Redis does not answer",
            "Is the server of REDIS_URL up and reachable? Trying again; nothing is lost meanwhile",
            "Redis answers again",
        )
        self.writes = self.made(
            "Redis refuses to write",
            "Give the server memory, or make it a primary again; trying again, nothing is lost meanwhile",
            "Redis takes writes again",
            level=logging.ERROR,
        )
        self.kafka = self.made(
            "Kafka does not answer",
            "Are the brokers of KAFKA_URL up and reachable? Asking again; nothing is lost meanwhile",
            "Kafka answers again",
        )
        self.outputs = self.made(
            "outputs are not acknowledged",
            "Is Kafka up and reachable, and do the output topics have enough replicas? Trying again; nothing is lost "
            "meanwhile",
            "outputs are acknowledged again",
        )
        self.partitions: dict[Hashable, Outage] = {}  # those that wait at a batch which cannot be decoded

    def made(self, what: str, advice: str, over: str, *, level: int = logging.WARNING) -> Outage:
        """One more outage, told as often as the others."""
        return Outage(what, advice, over, level=level, every=self._every, clock=self._clock)

    def __iter__(self) -> Iterator[Outage]:
        return iter((self.store, self.writes, self.kafka, self.outputs, *tuple(self.partitions.values())))

    def left(self, who: Hashable) -> None:
        """`who` waits for nothing any more."""
        for outage in self:
            outage.left(who)


def lasted(seconds: float) -> str:
    """A span of time for people.

    >>> lasted(43.2), lasted(60), lasted(3725)
    ('43 s', '1 min 0 s', '62 min 5 s')
    """
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
