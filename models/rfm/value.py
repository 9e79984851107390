"""`value:high|medium|low`: what a buyer is worth, by the monetary score."""

from __future__ import annotations

from collections.abc import Sequence

from models.kernel.effects import Context
from models.kernel.shopper import Profile
from models.kernel.tags import HIGH, LOW, MEDIUM, Key
from models.kernel.telling import enter, leave
from models.orders.history import Summary

SLACK = 1.1
"""A tier is kept while spending this many times as high would still be in it."""

TIERS = (LOW, LOW, LOW, MEDIUM, MEDIUM, HIGH)
"""By monetary score, 1..5."""


def tier(held: int | None, score: int, generous: int) -> int:
    """The tier of a monetary score, or the one held if the score of `SLACK` times the spending would still give it.

    >>> [tier(held, 4, 5) for held in (None, HIGH, LOW)] == [MEDIUM, HIGH, MEDIUM], tier(HIGH, 2, 4) == LOW
    (True, True)
    """
    new = TIERS[score]
    return held if held is not None and new < held <= TIERS[generous] else new


def settled(tags: Sequence[Key] | None, score: int) -> bool:
    """Whether the tier held is the one this monetary score gives by itself: then it stays while the score does."""
    return tags is not None and TIERS[score] in tags


def judge(ctx: Context, user: str, p: Profile, summary: Summary, now: int) -> None:
    """Bring a buyer's tier up to `now` (ms), by the table in force; it needs a valid order."""
    held = next((tag for tag in (LOW, MEDIUM, HIGH) if tag in p.tags), None) if p.tags else None
    table = ctx.cuts.name
    if not summary.valid:
        if held is not None:
            leave(ctx, user, p, held, now, "no valid order left", table)
        return
    score = ctx.cuts.m(summary)
    new = tier(held, score, score if held is None else ctx.cuts.m(summary, SLACK))
    if new == held:
        return
    reason = f"M {score}: spent {round(summary.monetary)} in {ctx.settings.currency} minor units, decayed"
    if held is not None:
        leave(ctx, user, p, held, now, reason, table)
    enter(ctx, user, p, new, now, reason, table)
