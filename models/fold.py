"""The fold: one event, or one due timer, into one shopper's profile.

`event` and `timer` are the only ways a profile changes. Both are deterministic: the same profile, event and `now` give
the same profile, outputs and counts, on every machine.
"""

from __future__ import annotations

from typing import Literal

from models import cart_fold, interest, lifecycle, order_fold, renewal, verdicts
from models.dedupe import ACT_RING, CLICK_RING, WIDTH, known, remember
from models.effects import Context
from models.events import (
    CART,
    CLICKSTREAM,
    ORDER,
    Added,
    Amended,
    Browsed,
    Cancelled,
    Event,
    Ordered,
    Refunded,
    Removed,
    Replaced,
    Unrecognised,
)
from models.habits import visited
from models.profile import ACTED, BOT, IDENTIFIED, Profile
from models.reading import Reading
from models.schedule import advance, expiry, hasten, reschedule
from models.settings import DAY, MINUTE
from models.tags import habit, hesitating, names
from models.tags import judge as tags
from models.tags.interest import ENTER, one
from models.tags.judge import CAME, LIKED, LOOKED
from models.tags.names import HESITATING, INTEREST
from models.tags.telling import enter, exited
from models.views import most, viewed

Outcome = Literal["applied", "duplicate"]

ADDED_WEIGHT = 3
AWAY = (lifecycle.COOLING, lifecycle.LAPSED)


def event(ctx: Context, user: str, p: Profile | None, r: Reading, watermark: int) -> tuple[Profile | None, Outcome]:
    """Fold one event.

    Parameters
    ----------
    p
        The shopper's profile; None for a shopper never seen. Changed in place.
    r
        The event, with its event time. Of a rejected one only an order is folded, as one of unknown value.
    watermark
        The shard's event time W (ms). The event is late where its own time is before it.

    Returns
    -------
    The profile (None: of an unknown shopper, and too old to matter), and "applied" or "duplicate".
    """
    e, what = r.e, r.event
    assert what is not None
    now = e if e > watermark else watermark
    if p is None:
        p = _known(ctx, what, e, now)
        if p is None:
            return None, "applied"
    if p.flags & BOT and r.role == CLICKSTREAM:
        ctx.effects.counts["bot_skipped"] += 1
        return p, "applied"
    if _repeated(ctx, p, r, what):
        return p, "duplicate"
    visits = p.visits
    settled = _seen(ctx, user, p, r, now)
    stirred = _apply(ctx, user, p, r, what, now)
    if p.events == 1 or p.visits != visits:
        stirred |= _came(ctx, p, r)
    if not settled or r.role == ORDER or now >= p.due or not renewal.current(ctx, user, p, now):
        summary = verdicts.judge(ctx, user, p, now)
        tags.judge(ctx, user, p, summary, stirred)
        reschedule(ctx, p, summary, now)
        return p, "applied"
    if r.role == CART:
        p.at(now)
        ctx.effects.changed.add(user)
        hasten(ctx, p, now)
    if stirred:
        advance(ctx, p, tags.stirred(ctx, user, p, stirred, max(now, p.judged)), now)
    return p, "applied"


def _known(ctx: Context, what: Event, e: int, now: int) -> Profile | None:
    """A new shopper; None where the profile would be over by now."""
    if e + (ctx.settings.buyer_ttl if isinstance(what, (Ordered, Amended)) else ctx.settings.visitor_ttl) <= now:
        ctx.effects.counts["too_old"] += 1
        return None
    ctx.effects.counts["shoppers"] += 1
    return Profile(e, e)


def _came(ctx: Context, p: Profile, r: Reading) -> int:
    """Count a visit that begins. `CAME` if there are enough for a habit."""
    p.habits = visited(ctx, p.habits, r.e, r.context)
    return CAME if p.visits >= habit.LEAST else 0


def _repeated(ctx: Context, p: Profile, r: Reading, what: Event) -> bool:
    """Whether the message was folded before; remembers it if not. Orders and refunds are known by their own ids."""
    if r.role == ORDER and (r.rejected is not None or isinstance(what, (Ordered, Refunded))):
        return order_fold.repeated(ctx, p, what)
    if r.e - p.last > DAY:
        p.clicks = p.acts = b""
    click = r.role == CLICKSTREAM
    ring, size = (p.clicks, CLICK_RING) if click else (p.acts, ACT_RING)
    if ring and known(ring, r.message):
        return True
    if len(ring) == size * WIDTH:
        ctx.effects.counts["dedupe_overflow"] += 1
    if click:
        p.clicks = remember(ring, r.message, size)
    else:
        p.acts = remember(ring, r.message, size)
    return False


def _seen(ctx: Context, user: str, p: Profile, r: Reading, now: int) -> bool:
    """Count the event as activity of the shopper. True if the shopper's stage cannot have changed by it."""
    e, last, settings = r.e, p.last, ctx.settings
    p.events += 1
    settled = p.events > 2 and p.stage not in AWAY
    p.burst = p.burst + 1 if e // MINUTE == last // MINUTE else 1 if e > last else p.burst
    if e > last:
        if e - last > settings.visit_gap:
            p.visits += 1
        if e - last >= lifecycle.LAPSED_AFTER:
            p.returned = e
        p.last = e
    if e < p.first:
        p.first = e
        settled = False
    if r.identified:
        p.flags |= IDENTIFIED
    if r.role >= CART:
        p.flags |= ACTED
    if p.burst > settings.bot_rate and not p.flags & BOT:
        p.flags |= BOT
        p.at(now)
        ctx.effects.changed.add(user)
        enter(ctx, user, p, names.BOT, now, f"{p.burst} events within a minute")
    return settled


def _apply(ctx: Context, user: str, p: Profile, r: Reading, what: Event, now: int) -> int:
    """Fold what happened into the facts. Returns which tags (`models.tags.judge`) it may have stirred."""
    e, stirred = r.e, 0
    counted = r.role != CLICKSTREAM  # no click changes a cart
    waiting = cart_fold.waiting(p) if counted else 0
    match what:
        case Browsed(category, weight, product):
            if product:
                stirred = _looked(p, product, e, now)
            if weight:
                stirred |= _interested(ctx, p, category, weight, e, now)
        case Added():
            stirred = _decided(p) | _interested(ctx, p, what.category, ADDED_WEIGHT, e, now)
            cart_fold.operate(ctx, user, p, what, e, r.message, now)
        case Removed() | Replaced():
            if isinstance(what, Replaced) and what.lines:
                stirred = _decided(p)
            cart_fold.operate(ctx, user, p, what, e, r.message, now)
        case Ordered() | Amended():
            if order_fold.report(ctx, user, p, what, e):
                _decided(p)
                cart_fold.bought(ctx, user, p, what.cart, e, now)
        case Refunded():
            order_fold.refund(ctx, user, p, what, e)
        case Cancelled():
            order_fold.cancel(ctx, user, p, what, e)
        case Unrecognised():
            ctx.effects.counts["unknown_events"] += 1
    if counted and (p.carts or waiting):
        ctx.effects.counts["carts"] += cart_fold.waiting(p) - waiting
    return stirred


def _interested(ctx: Context, p: Profile, category: str, weight: int, e: int, now: int) -> int:
    """Strengthen an interest. `LIKED` if a category may enter or leave by it: one held that grows changes nothing."""
    if not category:
        return 0
    name, half_life = ctx.vocabulary.id(category), ctx.settings.interest_half_life
    log_weight, left = interest.strengthen(p.interest, name, weight, e, half_life)
    if left is not None and p.tags is not None and names.key(INTEREST, left) in p.tags:
        return LIKED
    if log_weight is None:
        return 0
    if p.tags is not None and (INTEREST + name if isinstance(name, int) else names.key(INTEREST, name)) in p.tags:
        return 0
    return LIKED if log_weight >= one(now, half_life) + ENTER else 0


def _looked(p: Profile, product: str, e: int, now: int) -> int:
    """Remember the view of a product. `LOOKED` if the tag begins or ends by it."""
    views = p.views = viewed(p.views, p.looked, product, e)
    p.looked = max(p.looked, e)
    held = p.tags is not None and HESITATING in p.tags
    if not held and most(views) < hesitating.LEAST:
        return 0
    return LOOKED if hesitating.holds(views, p.looked, now) != held else 0


def _decided(p: Profile) -> int:
    """Something is bought, or about to be: earlier views do not count. `LOOKED` if the tag may end by it."""
    p.views, p.looked = b"", 0
    return LOOKED if p.tags is not None and HESITATING in p.tags else 0


def timer(ctx: Context, user: str, p: Profile, now: int) -> Profile | None:
    """Fold a timer of the shopper, due at `now` (ms). None if the shopper is forgotten.

    Raises RuntimeError if the shopper's next due would not be later: time would stand still.
    """
    if expiry(ctx, p) <= now:
        _expire(ctx, user, p, now)
        return None
    if renewal.unmoved(ctx, user, p, now):
        return p
    if p.carts:
        ctx.effects.changed.add(user)
        waiting = cart_fold.waiting(p)
        cart_fold.fire(ctx, user, p, now)
        ctx.effects.counts["carts"] += cart_fold.waiting(p) - waiting
    summary = verdicts.judge(ctx, user, p, now, timer=True)
    tags.judge(ctx, user, p, summary, 0)
    verdicts.raise_overdue(ctx, user, p, summary)
    reschedule(ctx, p, summary, now)
    if p.due <= now:
        raise RuntimeError(f"timer of shopper due {now} left a due of {p.due}: a rule does not come to rest")
    return p


def _expire(ctx: Context, user: str, p: Profile, now: int) -> None:
    p.at(now)
    reason = f"expired: not seen for {(now - p.last) // DAY} d"
    if p.stage:
        exited(ctx, user, p, f"stage:{lifecycle.STAGES[p.stage]}", p.stage_since, reason)
    if p.buyer is not None:
        verdicts.forget(ctx, user, p, p.buyer, reason)
    tags.leave_all(ctx, user, p, reason)
    ctx.effects.changed.add(user)
    ctx.effects.counts["carts"] -= cart_fold.waiting(p)
    ctx.effects.counts["shoppers"] -= 1
    ctx.effects.counts["shoppers_expired"] += 1
