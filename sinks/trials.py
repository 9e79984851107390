"""Trials of experiments, as they stand among a shard's counters.

    trials:<programme>:<permille>:<arm>         begun
    conversions:<programme>:<permille>:<arm>    of these converted

The permille is the share held out when a trial began: trials of another share are another experiment.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from models.acting.lift import Arms, Tally

TREATED, HOLDOUT = "treated", "holdout"

Trials = dict[str, dict[int, Arms]]
"""Arms by programme and share held out (permille)."""


def grouped(begun: Mapping[str, int], converted: Mapping[str, int]) -> Trials:
    """Trials by programme and share; those of which nothing was counted are left out.

    Parameters
    ----------
    begun, converted
        Counters by what follows the first part of their names.

    >>> grouped({"carts:100:treated": 9, "carts:100:holdout": 1}, {"carts:100:treated": 2})
    {'carts': {100: Arms(treated=Tally(begun=9, converted=2), holdout=Tally(begun=1, converted=0))}}
    """
    found: Trials = {}
    for name in sorted({*begun, *converted}):
        programme, permille, _ = name.rsplit(":", 2)
        arms = [f"{programme}:{permille}:{arm}" for arm in (TREATED, HOLDOUT)]
        tallies = [Tally(begun.get(arm, 0), converted.get(arm, 0)) for arm in arms]
        if tallies != [Tally(), Tally()]:
            found.setdefault(programme, {})[int(permille)] = Arms(*tallies)
    return found


def flat(trials: Trials) -> tuple[Counter[str], Counter[str]]:
    """The other way: counters of what was begun, and of what converted.

    >>> flat(grouped({"carts:100:holdout": 3}, {"carts:100:holdout": 1}))[0]["carts:100:holdout"]
    3
    """
    begun, converted = Counter[str](), Counter[str]()
    for programme, shares in trials.items():
        for permille, arms in shares.items():
            for arm, tally in ((TREATED, arms.treated), (HOLDOUT, arms.holdout)):
                begun[f"{programme}:{permille}:{arm}"] = tally.begun
                converted[f"{programme}:{permille}:{arm}"] = tally.converted
    return begun, converted


def less(trials: Trials, before: Trials) -> Trials:
    """What came after `before`."""
    (begun, converted), (begun_before, converted_before) = flat(trials), flat(before)
    begun.subtract(begun_before)
    converted.subtract(converted_before)
    return grouped(begun, converted)


def as_json(trials: Trials) -> dict[str, dict[str, dict[str, dict[str, int]]]]:
    """Objects for `--json`: programme, permille, arm, ``begun`` and ``converted``.

    >>> as_json({"churn": {50: Arms(Tally(9, 2), Tally(1, 0))}})["churn"]["50"]["treated"]
    {'begun': 9, 'converted': 2}
    """
    counts = defaultdict[str, dict[str, dict[str, dict[str, int]]]](dict)
    for programme, shares in trials.items():
        for permille, arms in sorted(shares.items()):
            both = (TREATED, arms.treated), (HOLDOUT, arms.holdout)
            told = {arm: {"begun": tally.begun, "converted": tally.converted} for arm, tally in both}
            counts[programme][str(permille)] = told
    return dict(counts)
