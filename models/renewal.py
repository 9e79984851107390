"""A new table is looked at, once a buyer: cheap where it says nothing new, which is the rule.

Every buyer is due once a table, whether anything happened or not, so this costs more than any single event. What was
counted into the sketch and the earliest of all other dues are stored with the buyer; nothing else need be worked out.
"""

from __future__ import annotations

from zlib import crc32

from models.effects import Context
from models.orders import Book
from models.profile import Buyer, Profile
from models.tags import value


def due(ctx: Context, user: str, last: int, after: int) -> int:
    """When the scores of a buyer whose newest valid order was at `last` (ms) are judged anew by themselves.

    Later than `after` (ms): where R falls, or the next table is looked at, once each, at a time of the day of the
    buyer's own, so that no scan is needed. 0 if neither will be.
    """
    falls, every = ctx.cuts.crossing(last, after), ctx.settings.table_every
    if not every:
        return falls
    start = ctx.settings.table_lag + crc32(user.encode()) % every
    looks = after + every - (after - start) % every
    return min(falls, looks) if falls else looks


def unmoved(ctx: Context, user: str, p: Profile, now: int) -> bool:
    """Whether nothing is due at `now` (ms) but a look at the table, and it leaves the scores as they are.

    If so the next look is scheduled; the verdicts stay as of when they were judged.
    """
    buyer = p.buyer
    if buyer is None or now < buyer.rescore or not now < buyer.others or not looked(ctx, user, p, buyer, now):
        return False
    p.due = min(buyer.rescore or buyer.others, buyer.others)
    return True


def looked(ctx: Context, user: str, p: Profile, buyer: Buyer, now: int) -> bool:
    """Look at the table in force at `now` (ms): whether it leaves the scores as they are. If so the next look is
    known."""
    last = _last(buyer.book)
    if not last or not _same(ctx, p, buyer, last, now):
        return False
    buyer.rescore = due(ctx, user, last, now)
    buyer.table = ctx.cuts.version
    return True


def current(ctx: Context, user: str, p: Profile, now: int) -> bool:
    """Whether the shopper is judged by the table in force, or would be judged the same by it at an event `now` (ms)."""
    buyer = p.buyer
    if buyer is None or buyer.table == ctx.cuts.version:
        return True
    if not looked(ctx, user, p, buyer, now):
        return False
    if buyer.rescore:
        p.due = min(p.due, buyer.rescore)
    return True


def _same(ctx: Context, p: Profile, buyer: Buyer, last: int, now: int) -> bool:
    """Whether scores and the tier of value come out as they are. By the same table only time can change them, and only
    R; by another one the tier must not hang on its slack."""
    cuts, counted = ctx.cuts, buyer.counted
    r, rest = divmod(buyer.scores, 100)
    if r != cuts.r(last, now):
        return False
    if buyer.table == cuts.version:
        return True
    if counted is None or not cuts.half_life:
        return False
    _, orders, bucket = counted
    return rest == 10 * cuts.f(orders) + cuts.of(bucket) and value.settled(p.tags, rest % 10)


def _last(book: Book) -> int:
    """Time of the newest valid order (ms): the summary's `last`."""
    newest = 0
    for order in reversed(book.ring):
        if order.valid:
            newest = order.e
            break
    return max(newest, book.older.e) if book.older is not None else newest
