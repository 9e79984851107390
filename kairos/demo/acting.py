"""Messages that ask for action, in words: what was held back, suppressed and delivered, and what they bring so far."""

from __future__ import annotations

from dashboard.words import Words, lifts
from kairos.demo.state import DemoState
from models.acting.lift import Experiment, experiments
from models.carts.reminders import CARTS

_WORDS = Words("en", "UTC")


def sent(state: DemoState) -> str:
    """What became of messages at the gate, and at the receiver inside the demo."""
    deferred = state.deferred
    why = ", ".join(f"{reason} {count:,}" for reason, count in sorted(deferred.items()))
    held = f"held back {sum(deferred.values()):,}" + (f" ({why})" if why else "")
    suppressed = sum(kinds.get("suppressed", 0) for kinds in state.total.outputs.values())
    delivered = f"delivered {state.messages:,}, signatures verified {state.verified:,}"
    return f"{held}  suppressed {suppressed:,}  {delivered}"


def brings(state: DemoState) -> str:
    """What reminders of carts bring beside shoppers who get none, so far."""
    for found in experiments(state.total.trials, state.holdout):
        if found.programme == CARTS and found.running:
            told = lifts.relative(_WORDS, found.lift) or lifts.verdict(_WORDS, found)
            return f"lift of reminders {told}; {_rates(found)}"
    return f"lift of reminders: {_WORDS(lifts.NOBODY)}"


def _rates(found: Experiment) -> str:
    """Of how many shoppers what share ordered, reminded and held out."""
    arms = found.arms
    reminded, held_out = (_WORDS.percent(tally.rate(), 1) for tally in (arms.treated, arms.holdout))
    return f"{reminded} of {arms.treated.begun:,}, held out {held_out} of {arms.holdout.begun:,}"
