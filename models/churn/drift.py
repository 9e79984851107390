"""Drift: the days from which buyers were found to order more, or less, than the hazard expects. A notice, no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import sqrt

from models.churn.posterior import UNIT
from models.churn.track_record import TrackRecord

SURE = 0.002
"""Probability of a false notice, as far as ADWIN promises: River's default."""
GRACE = 10
"""Days before which ADWIN notices nothing."""


def drift(days: Iterable[tuple[int, TrackRecord]]) -> Iterator[int]:
    """Dates at which what happened, less what was expected, changed.

    By ADWIN (A. Bifet, R. Gavaldà, "Learning from Time-Changing Data with Adaptive Windowing", SDM 2007), over days,
    each in standard deviations of its number of orders as expected. A day's mean would not do: ADWIN's bound takes it
    for one observation between 0 and 1, and of 90 of these nothing that happens to a shop is beyond chance. It looks
    at all days anew each time, since River keeps its state where it cannot be read.
    """
    from river.drift import ADWIN  # two seconds, and 100 MB, which whoever only reads tables can do without

    window = ADWIN(delta=SURE, clock=1, grace_period=GRACE, min_window_length=GRACE // 2)
    for date, record in days:
        if record.labels:
            expected = record.expected / UNIT
            variance = expected * (1.0 - expected / record.labels)
            window.update((record.ordered - expected) / sqrt(max(variance, 1.0)))
            if window.drift_detected:
                yield date
