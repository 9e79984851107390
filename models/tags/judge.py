"""Which tags a shopper holds: every rule in the order in which changes are told.

`judge` looks at all of them (beside the tier of value, which goes with the segment); `stirred` only at those that the
event at hand can have changed. Both leave the same tags behind: what changes by time alone has a due (`dues`), and
where that has come everything is judged.
"""

from __future__ import annotations

from models.effects import Context
from models.orders import Book, Summary
from models.profile import ACTED, BOT, Profile
from models.tags import abandoner, discount, habits, hesitating, interest, names, refund, second_order, unusual
from models.tags.names import ABANDONER, DISCOUNT, HESITATING, HIGH, INTEREST, LOW, REFUND, SECOND_ORDER, UNUSUAL
from models.tags.telling import enter, leave

LOOKED, LIKED, CAME = 1, 2, 4
"""What an event may have stirred: views of products, interests, habits."""


def judge(ctx: Context, user: str, p: Profile, summary: Summary | None, what: int) -> None:
    """Bring all tags up to `p.judged`. `summary`: what the shopper's orders add up to (None: no buyer)."""
    if p.events < 2 and not p.flags & ACTED:
        return
    now = p.judged
    if summary is not None and p.buyer is not None:
        _orders(ctx, user, p, p.buyer.book, summary, now)
    if p.left is not None:
        _single(ctx, user, p, ABANDONER, now, abandoner.holds(p.left, now), abandoner.reason(p.left))
    stirred(ctx, user, p, what | LOOKED | LIKED, now)


def stirred(ctx: Context, user: str, p: Profile, what: int, now: int) -> None:
    """Bring the tags of some rules up to `now` (ms, not before `p.judged`)."""
    if what & LOOKED and (p.views or _held(p, HESITATING)):
        holds = hesitating.holds(p.views, p.looked, now)
        _single(ctx, user, p, HESITATING, now, holds, hesitating.reason(p.views))
    if what & LIKED and p.interest:
        _interests(ctx, user, p, now)
    if what & CAME:
        habits.renew(ctx, user, p, now)


def _orders(ctx: Context, user: str, p: Profile, book: Book, summary: Summary, now: int) -> None:
    due = second_order.holds(summary, now, ctx.settings)
    if due or _held(p, SECOND_ORDER):
        _single(ctx, user, p, SECOND_ORDER, now, due, second_order.reason(summary, now))
    if book.past is None and len(book.ring) < discount.LEAST:
        return
    if not unusual.few(book):
        _unusual(ctx, user, p, book, now)
    for rule, tag in ((discount, DISCOUNT), (refund, REFUND)):
        some, n = rule.counts(book)
        held = _held(p, tag)
        if some or held:
            _single(ctx, user, p, tag, now, rule.holds(held, some, n), rule.reason(some, n))


def _unusual(ctx: Context, user: str, p: Profile, book: Book, now: int) -> None:
    baskets, held = book.baskets(ctx.settings.fading), _held(p, UNUSUAL)
    score = unusual.holds(baskets, now)
    if score and not held:
        enter(ctx, user, p, UNUSUAL, now, unusual.reason(baskets), score=round(score, 4))
    elif held and not score:
        leave(ctx, user, p, UNUSUAL, now, unusual.reason(baskets))


def _interests(ctx: Context, user: str, p: Profile, now: int) -> None:
    half_life, vocabulary = ctx.settings.interest_half_life, ctx.vocabulary.names
    held = names.subjects(p.tags, INTEREST)
    changes = interest.changes(p.interest, held, now, half_life, vocabulary)
    for category, why in changes.exits:
        leave(ctx, user, p, names.key(INTEREST, category), now, why)
    for category in changes.enters:
        affinity = interest.affinity(p.interest, category, now, half_life)
        enter(ctx, user, p, names.key(INTEREST, category), now, f"affinity {affinity:.1f}")


def _single(ctx: Context, user: str, p: Profile, tag: int, now: int, holds: bool, reason: str) -> None:
    held = _held(p, tag)
    if holds and not held:
        enter(ctx, user, p, tag, now, reason)
    elif held and not holds:
        leave(ctx, user, p, tag, now, reason)


def _held(p: Profile, tag: int) -> bool:
    return p.tags is not None and tag in p.tags


def dues(ctx: Context, p: Profile, summary: Summary | None) -> int:
    """The earliest time after `p.judged` at which a tag may change by itself (ms); 0 if none will."""
    found = []
    if summary is not None:
        found.append(second_order.due(summary, p.judged, ctx.settings))
    if p.tags is not None:
        found.append(interest.dues(p.interest, names.subjects(p.tags, INTEREST), ctx.settings.interest_half_life))
        if HESITATING in p.tags:
            found.append(hesitating.due(p.looked))
        if ABANDONER in p.tags:
            found.append(abandoner.due(p.left))
        if UNUSUAL in p.tags and p.buyer is not None:
            found.append(unusual.due(p.buyer.book.baskets(ctx.settings.fading)))
    return min(filter(None, found), default=0)


def leave_all(ctx: Context, user: str, p: Profile, reason: str) -> None:
    """Let a shopper who is forgotten leave every tag, by name."""
    if p.flags & BOT and not _held(p, names.BOT):  # written before it was kept since when
        p.tags = [*(p.tags or ()), names.BOT, p.last]
    held = {names.name(tag, ctx.vocabulary.names): tag for tag in (p.tags or ())[::2]}
    for name in sorted(held, key=str.encode):
        tag = held[name]
        value = isinstance(tag, int) and LOW <= tag <= HIGH
        leave(ctx, user, p, tag, p.judged, reason, ctx.cuts.name if value else None)
