"""Fault points: where a test may stop the engine, counted, never timed.

``after_fold`` (before APPLY), ``after_apply``, ``mid_outbox`` (some outputs sent), ``before_ack`` (all acknowledged).
"""

from __future__ import annotations

import itertools
import signal
import threading
from collections.abc import Iterator, Mapping
from typing import Literal

Point = Literal["after_fold", "after_apply", "mid_outbox", "before_ack"]
POINTS: tuple[Point, ...] = ("after_fold", "after_apply", "mid_outbox", "before_ack")
SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}


class Faults:
    """Counts passings of each point, and signals this process at the ones listed in its plan."""

    def __init__(self, plan: Mapping[tuple[str, int], signal.Signals] | None = None) -> None:
        self.plan = dict(plan or {})
        self._passings: dict[str, Iterator[int]] = {point: itertools.count(1) for point in POINTS}

    @classmethod
    def parse(cls, text: str) -> Faults:
        """Read a plan such as ``after_apply:37:kill,after_fold:12:stop``; ValueError names what is wrong.

        >>> sorted(Faults.parse("after_apply:37:kill").plan)
        [('after_apply', 37)]
        """
        plan: dict[tuple[str, int], signal.Signals] = {}
        for part in filter(None, text.split(",")):
            point, count, action = [*part.split(":"), "", ""][:3]
            if point not in POINTS or not count.isdigit() or action not in SIGNALS:
                raise ValueError(f"fault {part!r}: expected POINT:COUNT:kill|stop, POINT one of {', '.join(POINTS)}")
            plan[point, int(count)] = SIGNALS[action]
        return cls(plan)

    def at(self, point: Point) -> None:
        """Pass a point. Any thread may: `next` of a count is one step, so no passing is missed or counted twice."""
        if not self.plan:
            return
        action = self.plan.get((point, next(self._passings[point])))
        if action is not None:
            # To this thread: a SIGSTOP to the process is taken by whichever thread wakes up first, and this one would
            # go on for milliseconds, into what it was to be stopped before.
            signal.pthread_kill(threading.get_ident(), action)
