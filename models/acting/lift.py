"""What acting brings: the rates of two arms of an experiment, and what may be said of their difference at any look.

Who is held out gets no message of a programme; who converts within its period is counted in either arm
(`models.acting.experiments`). Two intervals are told, both of which may be looked at any time: the exact one of the
ratio (`rate_ratio`), which decides, and the approximate one of the difference in points (`confidence_sequence`). Both
take trials to be independent of each other. A shopper counts once a period; one who comes again in a later period
counts as another.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, isinf
from typing import Literal

from msgspec import Struct

from models.acting.confidence_sequence import difference
from models.acting.experiments import PERMILLE
from models.acting.planning import SHOWN, SHOWN_HOLDOUT, more_trials, planned, trials_to_show
from models.acting.rate_ratio import interval, log_e_value

ALPHA = 0.05
"""In what share of experiments without an effect one is told at any look."""
PROGRAMMES = ("carts", "churn")
"""Programmes that hold somebody out, as their counters name them."""
Verdict = Literal["early", "open", "helps", "harms"]
"""`early`: not enough was seen to tell anything; `open`: not decided yet; `helps`, `harms`: more, or fewer, convert
with a message than without, beyond chance."""
Interval = tuple[float, float]


class Tally(Struct, frozen=True):
    """One arm: trials begun, and of these converted."""

    begun: int = 0
    converted: int = 0

    def rate(self) -> float | None:
        """Share that converted; None where none was begun."""
        return self.converted / self.begun if self.begun else None


class Arms(Struct, frozen=True):
    """Both arms."""

    treated: Tally = Tally()
    holdout: Tally = Tally()


class Lift(Struct, frozen=True, kw_only=True):
    """What may be said of an experiment by now.

    Attributes
    ----------
    treated_rate, holdout_rate
        Share that converted; None where no trial was begun.
    verdict
        See `Verdict`.
    relative, relative_interval
        How much more, as a share of the holdout's rate, converts with a message (.3: 30 % more), and its exact
        interval, whose upper end is None if nothing bounds it; None while it is early.
    points, points_interval
        Treated rate less holdout rate, and its approximate interval; None while it is early.
    p_value, e_value
        How well "no effect" stands, at any look: the e-value of what was seen, at most 10³⁰⁰, and 1 / e-value, at most
        1. The experiment is decided at a p-value of .05.
    conversions_needed, holdout_needed
        Conversions, and of these of the holdout, that are still wanted before anything is told.
    trials_needed
        About how many more trials: while it is early, before anything is told; then, to decide; 0 once decided. None
        where the rates so far do not tell.
    planned
        The lift that `trials_needed` is meant for; None while it is early.
    """

    treated_rate: float | None
    holdout_rate: float | None
    verdict: Verdict
    relative: float | None = None
    relative_interval: tuple[float, float | None] | None = None
    points: float | None = None
    points_interval: Interval | None = None
    p_value: float = 1.0
    e_value: float = 1.0
    conversions_needed: int = 0
    holdout_needed: int = 0
    trials_needed: int | None = None
    planned: float | None = None


class Experiment(Struct, frozen=True, kw_only=True):
    """An experiment of a programme: with which share held out (permille), whether it runs, its arms and its lift.

    Experiments with different shares are told apart: their trials do not add up.
    """

    programme: str
    permille: int
    running: bool
    arms: Arms
    lift: Lift


def lift(arms: Arms, share: float, alpha: float = ALPHA) -> Lift:
    """What the counts of an experiment say.

    Parameters
    ----------
    share
        Of the holdout, above 0 and below 1.
    alpha
        In what share of experiments without an effect one may be told, at any look.

    >>> found = lift(Arms(Tally(18_000, 1_170), Tally(2_000, 100)), 0.1)
    >>> found.verdict, round(found.relative, 2), [round(end, 2) for end in found.relative_interval], found.trials_needed
    ('open', 0.3, [-0.05, 0.83], 11000)
    >>> early = lift(Arms(Tally(900, 45), Tally(100, 2)), 0.1)
    >>> early.verdict, early.holdout_needed, early.trials_needed
    ('early', 3, 1500)
    """
    treated, holdout = arms.treated, arms.holdout
    x1, x0, trials = treated.converted, holdout.converted, treated.begun + holdout.begun
    wanted = max(0, SHOWN - x1 - x0), max(0, SHOWN_HOLDOUT - x0)
    p1, p0 = treated.rate(), holdout.rate()
    if any(wanted) or p1 is None or p0 is None:
        return Lift(
            treated_rate=p1,
            holdout_rate=p0,
            verdict="early",
            conversions_needed=wanted[0],
            holdout_needed=wanted[1],
            trials_needed=trials_to_show(x1, x0, trials),
        )
    low, high = interval(x1, x0, share, alpha)
    e_value = exp(min(log_e_value(x1, x0, share), 690.0))
    decided = e_value >= 1 / alpha
    return Lift(
        treated_rate=p1,
        holdout_rate=p0,
        verdict=("helps" if low > 1 else "harms") if decided else "open",
        relative=p1 / p0 - 1,
        relative_interval=(low - 1, None if isinf(high) else high - 1),
        points=p1 - p0,
        points_interval=difference((treated.begun, x1), (holdout.begun, x0), alpha),
        p_value=min(1.0, 1 / e_value),
        e_value=e_value,
        trials_needed=more_trials(x1, x0, trials, share, alpha),
        planned=planned(x1, x0, share),
    )


def experiments(trials: Mapping[str, Mapping[int, Arms]], holdout: float) -> tuple[Experiment, ...]:
    """Every experiment: by programme, of each the running one first, then those with other shares.

    Parameters
    ----------
    trials
        Arms by programme and share held out (permille).
    holdout
        The share in force now; 0: nobody is held out, and none runs.

    >>> found = experiments({"carts": {50: Arms(Tally(9, 2), Tally(1, 0))}}, 0.1)
    >>> [(each.programme, each.permille, each.running) for each in found]
    [('carts', 100, True), ('carts', 50, False), ('churn', 100, True)]
    """
    now = round(holdout * PERMILLE)
    return tuple(
        Experiment(
            programme=programme,
            permille=permille,
            running=permille == now,
            arms=arms,
            lift=lift(arms, permille / PERMILLE),
        )
        for programme in dict.fromkeys((*PROGRAMMES, *sorted(trials)))
        for permille, arms in _by_share({now: Arms(), **trials.get(programme, {})}, now)
        if permille
    )


def _by_share(found: Mapping[int, Arms], now: int) -> list[tuple[int, Arms]]:
    """Arms by share, the one in force first."""
    return sorted(found.items(), key=lambda item: (item[0] != now, item[0]))
