"""What every event says of its shopper, whatever it is about: when, how often, how fast."""

from __future__ import annotations

from models.kernel.events import CLICKSTREAM
from models.kernel.feature import AWAY, BURST, EARLIER, ELIGIBLE, TABLE, VISIT
from models.kernel.moment import Moment
from models.kernel.record import DecodedRecord
from models.kernel.settings import DAY, MINUTE
from models.kernel.shopper import ACTED, IDENTIFIED, STAGES, Profile

AWAY_AFTER = 30 * DAY
"""Silence (ms) after which a shopper who comes raises the signal ``away``."""


def seen(m: Moment, r: DecodedRecord) -> int:
    """Count the event as activity of the shopper, folded as of `m.now`. Returns the signals it raises."""
    p, e, idle, ctx = m.p, m.e, m.idle, m.ctx
    now, settings = m.now, ctx.settings
    if now > p.evaluated_at:  # as `Profile.at`, written out: a call costs more than it does
        p.evaluated_at = now
        if p.changes:
            p.changes = 0
    events = p.events = p.events + 1
    raised = _met(m, p, r) if events <= 2 else 0
    if p.table != ctx.version:
        p.table = ctx.version
        raised |= TABLE
    if idle > 0:
        p.last = e
        if idle < MINUTE and e % MINUTE >= idle:  # within the same minute as the newest before
            burst = p.burst = p.burst + 1
            if burst > settings.bot_rate:
                raised |= BURST
        else:
            p.burst = 1
            ctx.effects.seen(e // MINUTE, (e - idle) // MINUTE)
        if idle > settings.visit_gap:
            p.visits += 1
            p.flags &= ~STAGES
            ctx.effects.minute("visits", e)
            raised |= VISIT
        if now - e + idle >= AWAY_AFTER:
            raised |= AWAY
    else:
        raised |= _before(p, e, settings.bot_rate)
    if r.identified and not p.flags & IDENTIFIED:
        p.flags |= IDENTIFIED
    if r.role != CLICKSTREAM and not p.flags & ACTED:
        p.flags |= ACTED
    return raised


def _met(m: Moment, p: Profile, r: DecodedRecord) -> int:
    """Signals of the first event, which begins a visit, and of the one that makes a stranger somebody."""
    first = p.events == 1
    if first:
        m.ctx.effects.seen(m.e // MINUTE)
        m.ctx.effects.minute("visits", m.e)
    known = not first or r.role != CLICKSTREAM
    return (VISIT if first else 0) | (ELIGIBLE if known and not p.flags & ACTED else 0)


def _before(p: Profile, e: int, bot_rate: int) -> int:
    """An event at `e` (ms) that is not newer than the newest. Returns the signals it raises."""
    if e // MINUTE == p.last // MINUTE:
        p.burst += 1
    raised = BURST if p.burst > bot_rate else 0
    if e < p.first:
        p.first = e
        raised |= EARLIER
    return raised
