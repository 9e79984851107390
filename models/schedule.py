"""When something happens to a shopper by itself: the earliest of all dues.

A due is never before the time of the fold that sets it, so that a shopper's time never goes back. Only what was due
already and had to wait (acting timers under ``clock=wall``, while records are unread) keeps its earlier due.
"""

from __future__ import annotations

from models import churn, lifecycle
from models.effects import Context
from models.orders import Summary
from models.profile import Profile
from models.tags.judge import first_due as tag_due


def acting_due(ctx: Context, p: Profile, summary: Summary | None, since: int = 0) -> int:
    """The earliest due of what asks somebody to act (cart steps and windows, churn alerts), in ms; 0 if none.

    A cancellation or a late order may make a buyer overdue since long ago: that is due at `since` (ms).
    """
    overdue = 0
    if summary is not None and p.buyer is not None and not p.buyer.alerted:
        overdue = churn.overdue_at(summary, ctx.settings)
        overdue = max(overdue, since) if overdue else 0
    if not p.carts:
        return overdue
    dues = [due for cart in p.carts if (due := cart.due(ctx.settings))]
    return min(dues, default=0) if not overdue else min([*dues, overdue])


def acts(ctx: Context, p: Profile, now: int) -> bool:
    """Whether something is due at `now` that asks somebody to act."""
    due = acting_due(ctx, p, p.buyer.summary(ctx.settings) if p.buyer is not None else None)
    return 0 < due <= now


def state_due(ctx: Context, p: Profile, summary: Summary | None) -> int:
    """The earliest due of what only changes state but for scores (expiry, stage, tags), in ms."""
    due, tag = expiry(ctx, p), tag_due(ctx, p, summary)
    stage = lifecycle.crossing(p.first, p.last, p.returned, p.judged) if p.stage else 0
    if 0 < tag < due:
        due = tag
    return stage if 0 < stage < due else due


def expiry(ctx: Context, p: Profile) -> int:
    """When the shopper will be forgotten (ms): after what was judged last, so that who comes back begins later."""
    buyer = p.buyer is not None and p.buyer.book.reported
    return max(p.last + (ctx.settings.buyer_ttl if buyer else ctx.settings.visitor_ttl), p.judged + 1)


def hasten(ctx: Context, p: Profile, now: int) -> None:
    """After a change in the carts alone: bring `p.due` forward to theirs."""
    for cart in p.carts:
        advance(ctx, p, cart.due(ctx.settings), now)


def advance(ctx: Context, p: Profile, due: int, now: int) -> None:
    """Bring `p.due` forward to something new that is due then, as of `now` (ms; 0: nothing is due)."""
    if not due:
        return
    due = _not_past(ctx, due, _since(p, now))
    p.due = min(p.due, due)
    if p.buyer is not None:
        p.buyer.others = min(p.buyer.others, due)


def _since(p: Profile, now: int) -> int:
    """No due is before this (ms): `now`, or what was due already and waits."""
    return p.due if 0 < p.due < now else now


def _not_past(ctx: Context, due: int, since: int) -> int:
    return due if due >= since else refused(ctx, due, since)


def refused(ctx: Context, due: int, since: int) -> int:
    """A rule answered with a due that has passed, which is a bug: counted, and due at `since` instead (ms)."""
    ctx.effects.counts["dues_refused"] += 1
    return since


def reschedule(ctx: Context, p: Profile, summary: Summary | None, now: int) -> None:
    """Set `p.due` to the next due, unless the entry in force is earlier and still to come.

    An entry that fires too early finds nothing to do and is set anew: cheaper than moving it at every event.
    """
    since = _since(p, now)
    acting, state = acting_due(ctx, p, summary, since), state_due(ctx, p, summary)
    due = _not_past(ctx, min(acting, state) if acting else state, since)
    if p.buyer is not None:
        p.buyer.others = due
        due = min(due, p.buyer.rescore or due)
    if not now < p.due <= due:
        p.due = due
