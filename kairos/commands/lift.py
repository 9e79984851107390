"""`kairos lift`: what messages bring, beside shoppers who get none."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from rich.console import Console

from dashboard.words import Words, lifts
from kairos.terminal.lines import say, say_json
from models.acting.experiments import PERMILLE
from models.acting.lift import ALPHA, Experiment, experiments
from sinks import read_model
from sinks.store import ReadModel

NOTHING = "nothing was folded here yet: start a worker (`kairos worker`), or `make demo` to see a shop"
HEAD = f"{'programme':<12}{'held out':>9}  {'arm':<9}{'shoppers':>11}{'ordered':>10}{'rate':>9}"


def show(console: Console, reader: ReadModel, holdout: float, *, as_json: bool) -> None:
    """Print every experiment, for people or as one JSON object.

    Parameters
    ----------
    holdout
        The share held out now.
    """
    found = experiments(read_model.summary(reader).trials, holdout)
    if as_json:
        say_json(msgspec.json.encode({"holdout": holdout, "experiments": found}))
        return
    if not reader.partitions():
        say(console, NOTHING)
        return
    for line in lines(found, holdout, Words("en", "UTC")):
        say(console, line)


def lines(found: tuple[Experiment, ...], holdout: float, words: Words) -> Iterator[str]:
    """A table of arms, with what they say below each two."""
    if not holdout:
        yield words(lifts.NOBODY)
    if not found:
        return
    yield HEAD
    for each in found:
        yield from _arms(each, words)
        if told := lifts.relative(words, each.lift):
            yield f"  lift {told}; in points {lifts.points(words, each.lift)}; p {each.lift.p_value:.2g}"
        yield f"  {lifts.verdict(words, each)}"
        yield ""
    yield (
        f"Intervals may be looked at any time: each leaves the truth out in at most {ALPHA:.0%} of all experiments. "
        "That of the lift is exact and decides; the one in points is approximate."
    )


def _arms(found: Experiment, words: Words) -> Iterator[str]:
    """A line an arm. Shoppers are counted once a period: a reminder's recovery window, 30 days of an alert."""
    first = f"{found.programme:<12}{words.percent(found.permille / PERMILLE, 1):>9}"
    for head, arm, tally in ((first, "treated", found.arms.treated), ("", "holdout", found.arms.holdout)):
        rate = words.percent(tally.rate(), 2)
        yield f"{head:<21}  {arm:<9}{tally.begun:>11,}{tally.converted:>10,}{rate:>9}"
