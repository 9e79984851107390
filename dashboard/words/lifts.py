"""What an experiment says by now, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.words.catalog import message
from models.acting.lift import Experiment, Lift
from models.churn.alert import STANDS

if TYPE_CHECKING:
    from dashboard.words.words import Words

NOUNS = {"carts": (message("{n} more cart"), "{n} more carts")}
OTHERS = (message("{n} more shopper"), "{n} more shoppers")
"""What a programme's trials begin with; churn's, and a rule's, with a shopper."""
ALERT_PERIOD = STANDS
"""Within which an order counts for an alert (ms); for a reminder it is the recovery window."""
NOBODY = message("Nobody is held out (KAIROS_HOLDOUT is 0): there is nothing to compare with.")


def verdict(words: Words, experiment: Experiment) -> str:
    """Whether the experiment is decided, and if not, what is wanted."""
    found = experiment.lift
    if found.verdict == "helps":
        return words("Decided: more order with a message than without.")
    if found.verdict == "harms":
        return words("Decided: fewer order with a message than without. Think about ending this programme.")
    if found.verdict == "early":
        return _early(words, experiment)
    if not experiment.running:
        return words("Ended undecided: another share is held out now.")
    if found.trials_needed is None:
        return words("Not decided yet.")
    return words(
        "Not decided yet: about {more} are needed, if the lift is {lift}.",
        more=_more(words, experiment),
        lift=signed(words, found.planned or 0.0),
    )


def _early(words: Words, experiment: Experiment) -> str:
    found = experiment.lift
    if not experiment.arms.treated.begun + experiment.arms.holdout.begun:
        return words("Nothing was counted yet.")
    if not experiment.running:
        return words("Ended too early to tell anything: another share is held out now.")
    wanted = words.plural("{n} more order", "{n} more orders", max(found.conversions_needed, found.holdout_needed))
    if found.holdout_needed:
        of = words.number(found.holdout_needed)
        wanted = words("{wanted} ({n} of shoppers held out)", wanted=wanted, n=of)
    if found.trials_needed is None:
        return words("Not enough yet: {wanted} before anything can be told.", wanted=wanted)
    return words(
        "Not enough yet: {wanted} before anything can be told, which takes about {more}.",
        wanted=wanted,
        more=_more(words, experiment),
    )


def _more(words: Words, experiment: Experiment) -> str:
    one, many = NOUNS.get(experiment.programme, OTHERS)
    return words.plural(one, many, experiment.lift.trials_needed or 0)


def relative(words: Words, found: Lift) -> str:
    """The lift and its interval; "" while it is early.

    >>> from dashboard.words import Words
    >>> from models.acting.lift import Arms, Tally, lift
    >>> relative(Words("en", "UTC"), lift(Arms(Tally(18_000, 1_170), Tally(2_000, 100)), 0.1))
    '+30% (−5% to +83%)'
    """
    if found.relative is None or found.relative_interval is None:
        return ""
    low, high = found.relative_interval
    if high is None:
        return words("{value} ({low} or more)", value=signed(words, found.relative), low=signed(words, low))
    return _between(words, signed(words, found.relative), signed(words, low), signed(words, high))


def points(words: Words, found: Lift) -> str:
    """The difference in percentage points and its interval; "" while it is early.

    >>> from dashboard.words import Words
    >>> from models.acting.lift import Arms, Tally, lift
    >>> points(Words("en", "UTC"), lift(Arms(Tally(18_000, 1_170), Tally(2_000, 100)), 0.1))
    '+1.50 (−0.08 to +3.08)'
    """
    if found.points is None or found.points_interval is None:
        return ""
    value, low, high = (
        _signed(words.number(100 * abs(each), 2), each) for each in (found.points, *found.points_interval)
    )
    return _between(words, value, low, high)


def _between(words: Words, value: str, low: str, high: str) -> str:
    return words("{value} ({low} to {high})", value=value, low=low, high=high)


def signed(words: Words, share: float) -> str:
    """A share as a percentage, with its sign."""
    return _signed(words.percent(abs(share)), share)


def _signed(text: str, value: float) -> str:
    return f"{'−' if value < 0 else '+'}{text}"
