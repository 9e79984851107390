"""Who came back with a message, and who without: trials, counted by arm.

A trial of a shopper begins when it is decided in which group the shopper is, whether or not the message goes out then
(intention to treat): up to there nothing differs between the groups. It lasts for the period of its programme; the
first order within it converts it, once. The next one begins no sooner than its end.
"""

from __future__ import annotations

from msgspec import Struct

from models.kernel.moment import Moment
from models.kernel.outputs import Arm

TRIALS, CONVERSIONS = "trials", "conversions"
"""Prefixes of the counters: ``trials:<programme>:<permille>:<arm>``."""
PERMILLE = 1_000


class Trial(Struct, array_like=True, gc=False):
    """The newest trial of a shopper in a programme.

    `begun` is when (ms), `until` its end; `permille` the share of the holdout when it began: another share is another
    experiment.
    """

    begun: int
    until: int
    holdout: bool
    permille: int
    converted: bool = False

    @property
    def arm(self) -> Arm:
        """The shopper's group."""
        return "holdout" if self.holdout else "treated"


def counter(prefix: str, programme: str, trial: Trial) -> str:
    """The counter in which a trial counts, or its conversion."""
    return f"{prefix}:{programme}:{trial.permille}:{trial.arm}"


def begin(m: Moment, trials: dict[str, Trial], programme: str, arm: Arm, now: int, period: int) -> None:
    """Begin a trial at `now`, unless one is running or nobody is left alone."""
    permille = round(m.ctx.settings.holdout * PERMILLE)
    running = trials.get(programme)
    if not permille or (running is not None and now < running.until):
        return
    trial = trials[programme] = Trial(now, now + period, arm == "holdout", permille)
    m.count(counter(TRIALS, programme, trial))


def convert(m: Moment, trials: dict[str, Trial]) -> None:
    """Count the order of now in the trials it falls into."""
    for programme, trial in trials.items():
        if not trial.converted and trial.begun < m.e <= trial.until:
            trial.converted = True
            m.count(counter(CONVERSIONS, programme, trial))
