"""A shopper's profile as stored: what the fold itself needs, and one slot for each feature's state.

The fields are stored as a MessagePack array in this order, after the layout's number: append only, each new field with
a default, and a pure ``upgrade_n`` function in `models.profile.upgrades` where a meaning changes. A slot is unpacked
when a feature asks for its state, so that an event costs what it touches (`models.kernel.moment`). A profile in memory
is exactly what its bytes say (no rounding on the way out), so that state never depends on where a batch ended.

Times are ms since 1970. 0 means "never" where a time may be missing.
"""

from __future__ import annotations

from msgspec import Raw, Struct, field

IDENTIFIED, ACTED, BOT = 1, 2, 4
"""Flags: some event carried a userId; some event was a cart or order event; too fast for a person."""
STAGE = 8
"""Beside the flags: how far the running visit came (`models.lifecycle.funnel`), from 0 to 4, times this."""
STAGES = 7 * STAGE
"""The bits of that. They lie with the flags because a slot of their own would cost each visitor a byte for every
feature between."""
GRID = 64
"""A flag: the shard counts the buyer in a cell of the R-F grid (`models.rfm.grid`)."""


class Profile(Struct, array_like=True, tag=2, gc=False):
    """One shopper.

    Attributes
    ----------
    first, last
        Event times of the oldest and newest own event.
    events, visits
        Own events folded; visits of at least one event, `visit_gap` apart.
    burst
        Own events in the minute of `last`.
    recent_clicks, recent_acts
        Hashes (4 bytes each, oldest first) of recent messages: clickstream, and all others.
    evaluated_at, changes
        The newest time the shopper was folded at, and how many tags changed at that very instant.
    due
        The shopper's entry in the shard's timers: the earliest of `dues`.
    dues
        By number of a feature, when it is to be evaluated by itself; `LIFETIME`: when the shopper may be forgotten.
    table
        `Context.version` when the shopper was folded last.
    tags
        Pairs key, since: the tags held, see `models.kernel.tags`. None: none.
    slots
        By number of a feature, from 1 on, its state: packed as long as nobody asked for it.
    shown
        When the public fields may have changed last.
    """

    first: int
    last: int
    events: int = 0
    visits: int = 1
    flags: int = 0
    burst: int = 0
    recent_clicks: bytes = b""
    recent_acts: bytes = b""
    evaluated_at: int = 0
    changes: int = 0
    due: int = 0
    dues: dict[int, int] = field(default_factory=dict)
    table: int = 0
    tags: list[int | str] | None = None
    slots: list[Raw] = field(default_factory=list)
    shown: int = 0

    @property
    def eligible(self) -> bool:
        """Whether anything may be told of the shopper: a single click is nobody yet."""
        return self.events > 1 or bool(self.flags & ACTED)

    def at(self, now: int) -> None:
        """The shopper is folded at `now` (ms), or, where that was later already, again at that time."""
        if now > self.evaluated_at:
            self.evaluated_at, self.changes = now, 0


LIFETIME = 0
"""The number under which `Profile.dues` holds the end of the shopper's life."""
