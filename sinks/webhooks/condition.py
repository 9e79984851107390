"""How an endpoint is: at work, slowed down, failing or off; and how long messages take to it."""

from __future__ import annotations

from collections import deque
from math import ceil

from sinks.deliveries import State
from sinks.webhooks.delivery_store import Switch
from sinks.webhooks.policy import BUSY, Answer, Verdict

NEWEST = 1_000
"""Deliveries that quantiles are taken of."""


class Condition:
    """An endpoint's state, as its answers tell.

    Attributes
    ----------
    off
        Why it is switched off; None: it is not.
    paused_until
        Wall time (ms) before which nothing is sent to it.
    problem
        The newest failure in words; "" once a delivery succeeded.
    unread
        Why nothing more is read for it, in words; "" while reading goes on.
    mark
        As what it is described in the file, so that another description switches it on again.
    """

    def __init__(self, mark: str = "") -> None:
        self.off: Switch | None = None
        self.paused_until = 0
        self.problem = self.unread = ""
        self.mark = mark
        self._told: State = "up"
        self._since = 0
        self._delays: deque[int] = deque(maxlen=NEWEST)

    def answered(self, verdict: Verdict, answer: Answer, now: int) -> None:
        """An attempt ended at `now` (wall ms)."""
        self.problem = "" if verdict == "taken" else answer.why
        if verdict == "gone":
            self.off = Switch(now, answer.why, self.mark)
        elif answer.status in BUSY and answer.retry_after is not None:
            self.paused_until = max(self.paused_until, now + answer.retry_after)
        self.state(now)

    def delivered(self, delay: int) -> None:
        """A message was taken so long after it was read (ms)."""
        self._delays.append(delay)

    def open(self, now: int) -> bool:
        """Whether something may be sent."""
        return self.off is None and now >= self.paused_until

    def state(self, now: int) -> tuple[State, int]:
        """How it is, and since when (wall ms)."""
        if self.off is not None:
            return "off", self.off.since
        found: State = "slowed" if now < self.paused_until else "failing" if self.problem or self.unread else "up"
        if found != self._told or not self._since:
            self._told, self._since = found, now
        return found, self._since

    def quantile(self, share: float) -> int | None:
        """From reading a message to its being taken (ms): so many took no longer. None: nothing was delivered yet.

        >>> condition = Condition()
        >>> for delay in range(1, 101): condition.delivered(delay)
        >>> condition.quantile(.5), condition.quantile(.99), Condition().quantile(.5)
        (50, 99, None)
        """
        ordered = sorted(self._delays)
        return ordered[ceil(share * len(ordered)) - 1] if ordered else None
