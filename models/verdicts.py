"""Judging a shopper: stage, segment, churn. A pure function of facts, time and tables; what changed is said."""

from __future__ import annotations

from models import churn, lifecycle, population, renewal, rfm
from models.effects import Context
from models.ids import digest
from models.orders import Summary
from models.outputs import CHURN_ALERTS, ChurnAlert
from models.profile import ACTED, Buyer, Profile
from models.settings import DAY
from models.tags import value
from models.tags.telling import entered, exited


def judge(ctx: Context, user: str, p: Profile, now: int, *, timer: bool = False) -> Summary | None:
    """Bring every verdict up to `now` (ms), or to when it was last judged if that is later.

    At a timer scores wait for their own due: another table must not show earlier because of an entry that fires for
    something else, or too early.

    Returns what the shopper's orders add up to (None: no buyer), for whoever needs it next.
    """
    p.at(now)
    if p.buyer is not None or p.carts:
        ctx.effects.changed.add(user)
    if p.events > 1 or p.flags & ACTED:
        _stage(ctx, user, p, p.judged)
    if p.buyer is None:
        return None
    summary = ctx.effects.summaries[user] = p.buyer.summary(ctx.settings)
    if not timer:
        _count(ctx, p.buyer, population.entry(summary, ctx.settings.half_life))
    if not timer or p.judged >= p.buyer.rescore:
        _segment(ctx, user, p, p.buyer, summary, p.judged)
        value.judge(ctx, user, p, summary, p.judged)
        p.buyer.rescore = renewal.due(ctx, user, summary.last, p.judged) if summary.valid else 0
        p.buyer.table = ctx.cuts.version
    _clear(ctx, user, p.buyer, summary, p.judged)
    return summary


def _count(ctx: Context, buyer: Buyer, entry: population.Entry | None) -> None:
    """Let the sketch count the buyer there."""
    if entry != buyer.counted:
        ctx.sketch.move(buyer.counted, entry)
        ctx.effects.recounted = True
        buyer.counted = entry


def forget(ctx: Context, user: str, p: Profile, buyer: Buyer, reason: str) -> None:
    """The buyer is forgotten: counted and segmented no more."""
    _count(ctx, buyer, None)
    if buyer.segment:
        _leave_segment(ctx, user, p, buyer, reason)


def _stage(ctx: Context, user: str, p: Profile, now: int) -> None:
    new = lifecycle.stage(p.first, p.last, p.returned, now)
    if new == p.stage:
        return
    reason = f"first seen {_ago(now - p.first)}, last seen {_ago(now - p.last)}"
    if p.stage:
        exited(ctx, user, p, f"stage:{lifecycle.STAGES[p.stage]}", p.stage_since, reason)
    p.stage, p.stage_since = new, now
    entered(ctx, user, p, f"stage:{lifecycle.STAGES[new]}", reason)


def _segment(ctx: Context, user: str, p: Profile, buyer: Buyer, s: Summary, now: int) -> None:
    if not s.valid:
        buyer.scores = 0
        if buyer.segment:
            _leave_segment(ctx, user, p, buyer, "no valid order left")
        return
    r, f, m = ctx.cuts.r(s.last, now), ctx.cuts.f(s.valid), ctx.cuts.m(s)
    buyer.scores = 100 * r + 10 * f + m
    new = rfm.segment(r, f)
    if new == buyer.segment:
        return
    fixed = "" if ctx.cuts.version else " by fixed cuts"
    reason = f"R {r} F {f} M {m}{fixed}: last order {_ago(now - s.last)}, {s.valid} in all"
    if buyer.segment:
        _leave_segment(ctx, user, p, buyer, reason)
    buyer.segment, buyer.segment_since = new, now
    entered(ctx, user, p, f"segment:{rfm.SEGMENTS[new]}", reason, ctx.cuts.name)


def _leave_segment(ctx: Context, user: str, p: Profile, buyer: Buyer, reason: str) -> None:
    exited(ctx, user, p, f"segment:{rfm.SEGMENTS[buyer.segment]}", buyer.segment_since, reason, ctx.cuts.name)
    buyer.segment = buyer.segment_since = 0


def _clear(ctx: Context, user: str, buyer: Buyer, s: Summary, now: int) -> None:
    if buyer.alerted and (s.last > buyer.alerted or not s.valid):
        if buyer.alert_id:  # else it was history, and never raised aloud
            _alert(ctx, user, buyer, s, "cleared", now, "ordered again" if s.valid else "no valid order left")
        buyer.alerted, buyer.alert_id = 0, ""


def raise_overdue(ctx: Context, user: str, p: Profile, summary: Summary | None) -> None:
    """Raise the alert of a buyer who is overdue as judged last, once per newest order.

    As of then, not of the due: a cancelled order may make somebody overdue since long ago.
    """
    buyer, now = p.buyer, p.judged
    if buyer is None or summary is None or buyer.alerted:
        return
    due = churn.overdue_at(summary, ctx.settings)
    if not due or due > now:
        return
    buyer.alerted = summary.last
    if due < ctx.start:
        ctx.effects.counts["history_skipped"] += 1
        return
    ratio = churn.overdue_ratio(summary, now)
    buyer.alert_id = _alert(ctx, user, buyer, summary, "raised", now, f"no order for {ratio:g} times the usual gap")


def _alert(ctx: Context, user: str, buyer: Buyer, s: Summary, kind: str, now: int, reason: str) -> str:
    key = digest(CHURN_ALERTS, kind, user, buyer.alerted, now)
    raised = kind == "raised"
    alert = ChurnAlert(
        id=key,
        kind="raised" if raised else "cleared",
        user_id=user,
        as_of=now,
        reason=reason,
        last_order=s.last,
        overdue_ratio=churn.overdue_ratio(s, now),
        expected_next_order=churn.expected_next(s),
        value_at_stake=round(s.monetary),
        currency=ctx.settings.currency,
        model=churn.MODEL,
        expires_at=now + 30 * DAY if raised else None,
        retract=() if raised else (buyer.alert_id,),
    )
    ctx.effects.say(CHURN_ALERTS, user, alert)
    return key


def _ago(milliseconds: int) -> str:
    days = max(0, milliseconds) // DAY
    return "today" if days == 0 else f"{days} d ago"
