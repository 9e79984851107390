"""A shopper's profile: facts (what happened) and verdicts (what we think of it), as stored.

The fields are stored as a MessagePack array in this order, after the layout's number: append only, each new field with
a default, and a pure ``upgrade_n`` function in `models.profile.codec` where a meaning changes. A profile in memory is
exactly what its bytes say (no rounding on the way out), so that state never depends on where a batch ended.

Times are ms since 1970. 0 means "never" where a time may be missing.
"""

from __future__ import annotations

from msgspec import Struct, field

from models.carts.abandonment import Cart
from models.kernel.settings import Settings
from models.orders.history import Book, Summary

IDENTIFIED, ACTED, BOT = 1, 2, 4
"""Flags: some event carried a userId; some event was a cart or order event; too fast for a person."""


class Buyer(Struct, array_like=True, gc=False):
    """What only shoppers with orders have.

    `counted` is where the shard's sketch counts the buyer (None: nowhere); `rescore` when the scores are judged anew by
    themselves (ms), as known when they were judged last; `others` the earliest due of everything else, as known when
    the timer was set last; `table` the version of the cuts they were judged by.
    """

    book: Book
    scores: int = 0
    segment: int = 0
    segment_since: int = 0
    alerted: int = 0
    alert_id: str = ""
    counted: tuple[int, int, int] | None = None
    rescore: int = 0
    others: int = 0
    table: int = 0

    def summary(self, settings: Settings) -> Summary:
        """What the orders add up to by the shop's half-life and fading."""
        return self.book.summary(settings.half_life, settings.fading)


class Profile(Struct, array_like=True, tag=1, gc=False):
    """One shopper.

    Attributes
    ----------
    first, last
        Event times of the oldest and newest own event.
    events, visits
        Own events folded; visits of at least one event, `visit_gap` apart.
    burst
        Own events in the minute of `last`.
    clicks, acts
        Hashes (4 bytes each, oldest first) of recent messages: clickstream, and cart and orders.
    interest
        Pairs category, weight (`models.interests.affinity`). A category is an id of the shard's vocabulary or its name.
    returned
        Event time of the first event after a lapse.
    due
        The shopper's entry in the shard's timers: never after the true next due, 0 if there is none.
    judged, changes
        When verdicts were last judged, and how many tags changed at that very instant.
    cleared
        Event time of the newest order that clears carts.
    tags
        Pairs key, since: the tags held beside stage and segment, see `models.kernel.tags`. None: none.
    habits
        Visits by hour, device and channel, see `models.habits.visits.visits`.
    looked, views
        Event time of the newest view of a product, and the products viewed lately, see `models.interests.views`.
    left
        When the two newest generations fired that ended without an order, oldest first. None: none did.
    """

    first: int
    last: int
    events: int = 0
    visits: int = 1
    flags: int = 0
    burst: int = 0
    clicks: bytes = b""
    acts: bytes = b""
    interest: list[int | str] = field(default_factory=list)
    returned: int = 0
    stage: int = 0
    stage_since: int = 0
    due: int = 0
    judged: int = 0
    changes: int = 0
    cleared: int = 0
    carts: list[Cart] = field(default_factory=list)
    buyer: Buyer | None = None
    tags: list[int | str] | None = None
    habits: bytes = b""
    looked: int = 0
    views: bytes = b""
    left: list[int] | None = None

    def at(self, now: int) -> None:
        """Verdicts are judged at `now` (ms), or, where they were judged later already, again at that time."""
        if now > self.judged:
            self.judged, self.changes = now, 0
