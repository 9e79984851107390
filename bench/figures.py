"""From samples taken during a run to what an event costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

WARM = 0.2
"""The part of the events before which nothing is measured: start, assignment, cold caches."""


class Sample(NamedTuple):
    """At `wall` (s) so many events were done, and processes had used so much CPU (s)."""

    events: int
    wall: float
    worker: float
    redis: float
    kafka: float


class Run(Struct, frozen=True):
    """What one run came to; µs are of CPU an event.

    Attributes
    ----------
    rate
        Events a second of wall time.
    whole
        µs of the worker with all it did from its start to its end.
    outputs
        Messages in its output topics an event.
    peak
        Most memory the worker held, MiB.
    loop
        `process.yardstick` before the run, ms.
    """

    peer: str
    events: int
    rate: float
    worker: float
    redis: float
    kafka: float
    whole: float
    outputs: float
    peak: float
    loop: float


def window(samples: Sequence[Sample], events: int) -> tuple[Sample, Sample]:
    """The first sample with a fifth of the events done, and the last.

    >>> samples = [Sample(n, n / 10, n / 100, 0, 0) for n in (0, 15, 25, 60, 100)]
    >>> [sample.events for sample in window(samples, 100)]
    [25, 100]
    """
    return next(sample for sample in samples if sample.events >= WARM * events), samples[-1]


def costs(samples: Sequence[Sample], events: int) -> dict[str, float]:
    """Rate, and µs of CPU an event for each process, within the window.

    >>> costs([Sample(0, 0, 0, 0, 0), Sample(20, 1, .1, 0, 0), Sample(100, 5, .9, .08, 0)], 100)
    {'rate': 20.0, 'worker': 10000.0, 'redis': 1000.0, 'kafka': 0.0}
    """
    first, last = window(samples, events)
    done = last.events - first.events
    used = {name: (getattr(last, name) - getattr(first, name)) / done * 1e6 for name in ("worker", "redis", "kafka")}
    return {"rate": done / (last.wall - first.wall), **{name: round(value, 2) for name, value in used.items()}}


class Counted(Struct):
    """Instructions an event of a history that a worker takes at a commit (`bench.counting`)."""

    source: str
    worker: str
    commit: str
    date: str
    instructions: int

    @property
    def key(self) -> tuple[str, str, str]:
        """What there is one count of."""
        return self.source, self.worker, self.commit
