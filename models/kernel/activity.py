"""What every event says of its shopper, whatever it is about: when, how often, how fast."""

from __future__ import annotations

from models.kernel.events import CART, ORDER
from models.kernel.feature import AWAY, BURST, EARLIER, VISIT
from models.kernel.moment import Moment
from models.kernel.record import DecodedRecord
from models.kernel.settings import DAY, MINUTE
from models.kernel.shopper import ACTED, IDENTIFIED

AWAY_AFTER = 30 * DAY
"""Silence (ms) after which a shopper who comes raises the signal ``away``."""


def seen(m: Moment, r: DecodedRecord) -> int:
    """Count the event as activity of the shopper. Returns the signals it raises."""
    p, e, last, settings = m.p, r.e, m.p.last, m.ctx.settings
    raised = 0 if p.events else VISIT
    p.events += 1
    if e > last:
        p.burst = p.burst + 1 if e // MINUTE == last // MINUTE else 1
        if e - last > settings.visit_gap:
            p.visits += 1
            raised |= VISIT
            m.idle = e - last
        if m.now - last >= AWAY_AFTER:
            raised |= AWAY
        p.last = e
    elif e // MINUTE == last // MINUTE:
        p.burst += 1
    if e < p.first:
        p.first = e
        raised |= EARLIER
    if r.identified:
        p.flags |= IDENTIFIED
    if r.role in (ORDER, CART):
        p.flags |= ACTED
    if p.burst > settings.bot_rate:
        raised |= BURST
    return raised
