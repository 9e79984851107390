"""Which tags a shopper holds: every rule in the order in which changes are told.

`judge` looks at all of them (beside the tier of value, which goes with the segment); `stirred` only at those that the
event at hand can have changed. Both leave the same tags behind: what changes by time alone has a due (`first_due`), and
where that has come everything is judged.
"""

from __future__ import annotations

from models.effects import Context
from models.orders import Book, Summary
from models.profile import ACTED, BOT, Profile
from models.tags import abandoner, discount, habits, hesitating, interest, names, refund, second_order, unusual
from models.tags.names import ABANDONER, DISCOUNT, HESITATING, HIGH, INTEREST, LOW, NONE, REFUND, SECOND_ORDER, UNUSUAL
from models.tags.telling import enter, leave

LOOKED, LIKED, CAME = 1, 2, 4
"""What an event may have stirred: views of products, interests, habits."""


def judge(ctx: Context, user: str, p: Profile, summary: Summary | None, what: int) -> None:
    """Bring all tags up to `p.judged`.

    Parameters
    ----------
    summary
        What the shopper's orders add up to; None: no buyer.
    what
        `CAME` where a visit begins: habits are judged then only.
    """
    if p.events < 2 and not p.flags & ACTED:
        return
    now = p.judged
    if summary is not None and p.buyer is not None:
        _orders(ctx, user, p, p.buyer.book, summary, now)
    if p.left is not None and abandoner.holds(p.left, now) != (ABANDONER in (p.tags or NONE)):
        _turn(ctx, user, p, ABANDONER, now, abandoner.reason(p.left))
    stirred(ctx, user, p, what | LOOKED | LIKED, now)


def stirred(ctx: Context, user: str, p: Profile, what: int, now: int) -> int:
    """Bring the tags of some rules up to `now` (ms, not before `p.judged`).

    Returns when the first of those entered now will end by itself (ms); 0 if none will.
    """
    due = 0
    if what & LOOKED and hesitating.holds(p.views, p.looked, now) != (HESITATING in (p.tags or NONE)):
        _turn(ctx, user, p, HESITATING, now, hesitating.reason(p.views))
        due = hesitating.due(p.looked) if HESITATING in (p.tags or NONE) else 0
    if what & LIKED and p.interest:
        due = _interests(ctx, user, p, now, due)
    if what & CAME:
        habits.renew(ctx, user, p, now)
    return due


def _orders(ctx: Context, user: str, p: Profile, book: Book, summary: Summary, now: int) -> None:
    tags = p.tags or NONE
    if second_order.holds(summary, now, ctx.settings) != (SECOND_ORDER in tags):
        _turn(ctx, user, p, SECOND_ORDER, now, second_order.reason(summary, now))
    if book.older is None and len(book.ring) < discount.LEAST:
        return
    if not unusual.few(book):
        _unusual(ctx, user, p, book, now)
    for rule, tag in ((discount, DISCOUNT), (refund, REFUND)):
        some, n = rule.counts(book)
        held = tag in tags
        if rule.holds(held, some, n) != held:
            _turn(ctx, user, p, tag, now, rule.reason(some, n))


def _unusual(ctx: Context, user: str, p: Profile, book: Book, now: int) -> None:
    if not any(now < order.e + unusual.LASTS for order in book.ring) and UNUSUAL not in (p.tags or NONE):
        return  # too long ago, whatever its amount
    baskets = book.baskets(ctx.settings.fading)
    score = unusual.holds(baskets, now)
    if bool(score) != (UNUSUAL in (p.tags or NONE)):
        _turn(ctx, user, p, UNUSUAL, now, unusual.reason(baskets), score=round(score, 4) if score else None)


def _interests(ctx: Context, user: str, p: Profile, now: int, due: int) -> int:
    """Returns the earlier of `due` and when the first category entered now will leave."""
    half_life, vocabulary = ctx.settings.interest_half_life, ctx.vocabulary.names
    held = names.subjects(p.tags, INTEREST)
    if interest.steady(p.interest, held, now, half_life):
        return due
    changes = interest.changes(p.interest, held, now, half_life, vocabulary)
    for category, why in changes.exits:
        leave(ctx, user, p, names.key(INTEREST, category), now, why)
    for category, weight in changes.enters:
        affinity = interest.affinity(weight, now, half_life)
        enter(ctx, user, p, names.key(INTEREST, category), now, f"affinity {affinity:.1f}")
        leaves = interest.due(weight, half_life)
        due = min(due, leaves) if due else leaves
    return due


def _turn(ctx: Context, user: str, p: Profile, tag: int, now: int, reason: str, score: float | None = None) -> None:
    """Leave the tag if it is held, else enter it."""
    if p.tags is not None and tag in p.tags:
        leave(ctx, user, p, tag, now, reason)
    else:
        enter(ctx, user, p, tag, now, reason, score=score)


def first_due(ctx: Context, p: Profile, summary: Summary | None) -> int:
    """The earliest time after `p.judged` at which a tag may change by itself (ms); 0 if none will."""
    second = second_order.due(summary, p.judged, ctx.settings) if summary is not None else 0
    if p.tags is None:
        return second
    found = [second, interest.first_due(p.interest, names.subjects(p.tags, INTEREST), ctx.settings.interest_half_life)]
    if HESITATING in p.tags:
        found.append(hesitating.due(p.looked))
    if ABANDONER in p.tags:
        found.append(abandoner.due(p.left))
    if UNUSUAL in p.tags and p.buyer is not None:
        found.append(unusual.due(p.buyer.book.baskets(ctx.settings.fading)))
    return min(filter(None, found), default=0)


def leave_all(ctx: Context, user: str, p: Profile, reason: str) -> None:
    """Let a shopper who is forgotten leave every tag, by name."""
    if p.flags & BOT and names.BOT not in (p.tags or NONE):  # written before it was kept since when
        p.tags = [*(p.tags or NONE), names.BOT, p.last]
    held = {names.name(tag, ctx.vocabulary.names): tag for tag in (p.tags or NONE)[::2]}
    for name in sorted(held, key=str.encode):
        tag = held[name]
        value = isinstance(tag, int) and LOW <= tag <= HIGH
        leave(ctx, user, p, tag, p.judged, reason, ctx.cuts.name if value else None)
