"""Partitions that wait at a batch which cannot be decoded: told like an outage, tried again from time to time.

Such a batch is no dead letter: nobody knows how many records it holds, or of whom. Where a package is missing, a worker
that has it reads on. A damaged batch stays damaged, and going on without it is somebody's decision: `kairos skip`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from faust.types import TP

from streams.outages import Outages
from streams.transport.fetched import Undecodable

RETRY = 5.0
"""Seconds between two attempts."""
PACKAGE = "UnsupportedCodecError"
"""What the clients raise where the package of a codec is missing, or the codec is newer than they are."""


class Waiting:
    """The partitions of one worker that wait.

    Parameters
    ----------
    outages
        Where they are told.
    clock
        Seconds, never going back.
    """

    def __init__(self, outages: Outages, clock: Callable[[], float] = time.monotonic) -> None:
        self._outages = outages
        self._clock = clock
        self._at: dict[TP, int] = {}
        self._again: dict[TP, float] = {}

    @property
    def any(self) -> bool:
        """Whether any partition waits."""
        return bool(self._again)

    def rests(self, tp: TP) -> bool:
        """Whether it is too early to try again."""
        return self._again.get(tp, 0.0) > self._clock()

    def met(self, tp: TP, found: Undecodable) -> None:
        """It cannot be read from here on."""
        if self._at.get(tp) != found.offset:
            self.read(tp)
            self._at[tp] = found.offset
            self._outages.partitions[tp] = self._outages.made(*_told(tp, found), level=logging.ERROR)
        self._again[tp] = self._clock() + RETRY
        self._outages.partitions[tp].failed(tp, f"{type(found.error).__name__}: {found.error}")

    def read(self, tp: TP) -> None:
        """It is read on."""
        if self._at.pop(tp, None) is not None:
            self._again.pop(tp, None)
            self._outages.partitions.pop(tp).answered(tp)

    def sought(self, tp: TP, position: int) -> None:
        """It is read from here on: to be tried at once."""
        self._again.pop(tp, None)
        if position > self._at.get(tp, position):
            self.read(tp)

    def clear(self) -> None:
        """Nothing is assigned any more."""
        for tp in self._at:
            del self._outages.partitions[tp]
        self._at.clear()
        self._again.clear()


def _told(tp: TP, found: Undecodable) -> tuple[str, str, str]:
    """What fails, what to do about it, and that it is over: for an outage."""
    where = f"{tp.topic}[{tp.partition}]"
    if type(found.error).__name__ == PACKAGE:
        what = f"{where} waits at offset {found.offset}: no package here decompresses its batch"
        advice = "Install the packages of requirements.lock (cramjam is the one for codecs) and start the worker again"
    else:
        what = f"{where} waits at offset {found.offset}: its batch is damaged and cannot be decoded"
        advice = f"If no replica has it whole, `kairos skip {tp.topic} {tp.partition}` goes on without it"
    return what, f"{advice}; other partitions go on, and nothing is lost meanwhile", f"{where} is read on"
