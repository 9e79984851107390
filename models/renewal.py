"""A new table is looked at, once a buyer: cheap where it says nothing new, which is the rule.

Every buyer is due once a table, whether anything happened or not, so this costs more than any single event. What was
counted into the sketch and the earliest of all other dues are stored with the buyer; nothing else need be worked out.
"""

from __future__ import annotations

from zlib import crc32

from models.effects import Context
from models.orders import Book
from models.profile import Buyer, Profile
from models.settings import Settings
from models.tags import value


def due(user: str, after: int, settings: Settings) -> int:
    """When the buyer looks at the next table, later than `after` (ms); 0 if there are none.

    Once a table, at a time of the day of the buyer's own, so that no scan is needed.
    """
    every = settings.table_every
    if not every:
        return 0
    start = settings.table_lag + crc32(user.encode()) % every
    return after + every - (after - start) % every


def unmoved(ctx: Context, user: str, p: Profile, now: int) -> bool:
    """Whether nothing is due at `now` (ms) but a look at the table, and it leaves the scores as they are.

    If so the next look is scheduled; the verdicts stay as of when they were judged.
    """
    buyer = p.buyer
    if buyer is None or now < buyer.rescore or not now < buyer.others or not _same(ctx, buyer, now):
        return False
    if not value.settled(p.tags, buyer.scores % 10):
        return False
    last = _last(buyer.book)
    falls, looks = ctx.cuts.crossing(last, now), due(user, now, ctx.settings)
    buyer.rescore = min(falls, looks) if falls else looks
    buyer.table = ctx.cuts.version
    p.due = min(buyer.rescore, buyer.others)
    return True


def _same(ctx: Context, buyer: Buyer, now: int) -> bool:
    cuts, counted = ctx.cuts, buyer.counted
    if counted is None or not cuts.half_life:
        return False
    _, orders, bucket = counted
    return buyer.scores == 100 * cuts.r(_last(buyer.book), now) + 10 * cuts.f(orders) + cuts.of(bucket)


def _last(book: Book) -> int:
    """Time of the newest valid order (ms): the summary's `last`."""
    newest = next((order.e for order in reversed(book.ring) if order.valid), 0)
    return max(newest, book.past.e) if book.past is not None else newest
