"""The moment: one event, or one timer, of one shopper, with what a feature may read and emit while it is folded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Literal, Protocol

from msgspec import Raw, Struct

from models.kernel.effects import Context
from models.kernel.ids import number, sealed, text
from models.kernel.outputs import USER_TAGS, Output, TagChange
from models.kernel.record import DecodedRecord
from models.kernel.shopper import ACTED, Profile
from models.kernel.tags import Key, name

ABSENT: Any = None
"""A slot that was never touched."""

Derived = Mapping[str, Callable[["Moment"], Any]]
"""Facts worked out from states: name -> how."""


class Names(Protocol):
    """By whom names are known: the fold."""

    named: Mapping[str, Any]
    derived: Derived
    tags: Mapping[int, str]


class Moment(Struct, eq=False, gc=False):
    """One event or timer being folded.

    Compare event times with `now`; use `e` where a fact keeps when the event itself happened.

    Attributes
    ----------
    now
        Event time (ms) as of which things are told: the event's own, or the shard's if that is later; a timer's due.
    e
        The event's own time (ms).
    idle
        Milliseconds since the newest event before; 0 or less where this one is not newer.
    record
        The event's record; None at a timer.
    names
        By whom names are known.
    raised
        Signals so far.
    since
        No due may be before this (ms): `now`, or the rule's own due if that had to wait.
    new_order
        Whether the event is the first report of an order.
    known, prefix
        What was worked out already: derived facts, and what ids of changes of tags begin with.
    """

    ctx: Context
    user: str
    p: Profile
    now: int
    e: int
    record: DecodedRecord | None
    names: Names
    idle: int = 0
    raised: int = 0
    since: int = 0
    new_order: bool = False
    known: dict[str, Any] | None = None
    prefix: bytes = b""

    # What is known.

    def state(self, name: str) -> Any:
        """The state of a feature by its name; None if it was never touched. To be changed by that feature alone."""
        return slot(self.p, self.names.named[name])

    def own(self, feature: Any) -> Any:
        """The state of the feature that asks."""
        slots, place = self.p.slots, feature.place
        if place >= len(slots):
            return None
        state: Any = slots[place]
        if type(state) is Raw:
            state = slots[place] = feature.unpack(state)
        return state

    def ensure(self, feature: Any) -> Any:
        """The state of the feature that asks, made if it was never touched."""
        # Written out, and not by way of `own`: most facts call this at every event, and a call costs more than it does.
        slots, place = self.p.slots, feature.place
        if place >= len(slots):
            slots += [ABSENT] * (place - len(slots) + 1)
        state: Any = slots[place]
        if type(state) is Raw:
            state = slots[place] = feature.unpack(state)
        if state is None:
            state = slots[place] = feature.keeps()
        return state

    def __getitem__(self, name: str) -> Any:
        """A derived fact by its name, worked out at most once a moment unless `changed` says that it may have moved."""
        known = self.known
        if known is None:
            known = self.known = {}
        if name not in known:
            known[name] = self.names.derived[name](self)
        return known[name]

    def changed(self) -> None:
        """A fact from which others are derived changed; and the shopper's public fields may have."""
        self.known = None
        self.show()

    @property
    def timer(self) -> bool:
        """Whether this is a timer, not an event."""
        return self.record is None

    # What is said.

    def show(self) -> None:
        """The shopper's public fields may have changed."""
        p = self.p
        if p.flags & ACTED:
            p.shown = p.evaluated_at
            self.ctx.effects.changed.add(self.user)

    def count(self, name: str, n: int = 1) -> None:
        """Add `n` to a counter."""
        self.ctx.effects.counts[name] += n

    def holds(self, tag: Key) -> bool:
        """Whether the shopper holds a tag."""
        tags = self.p.tags
        return tags is not None and tag in tags

    def enter(self, tag: Key, reason: str, table: str | None = None, score: float | None = None) -> None:
        """The shopper holds a tag from now on. One whose subject has no number is not counted: that is bounded."""
        p = self.p
        tags, since = p.tags, p.evaluated_at
        if tags is None:
            p.tags = [tag, since]
        else:
            tags += (tag, since)
        called = name(tag, self.ctx.vocabulary.names, self.names.tags)
        self._say("entered", called, since, reason, table, score, 1 if type(tag) is int else 0)

    def leave(self, tag: Key, reason: str, table: str | None = None) -> None:
        """The shopper no longer holds a tag."""
        p = self.p
        tags: Any = p.tags
        at = tags.index(tag)
        since = tags[at + 1]
        del tags[at : at + 2]
        if not tags:
            p.tags = None
        called = name(tag, self.ctx.vocabulary.names, self.names.tags)
        self._say("exited", called, since, reason, table, None, -1 if type(tag) is int else 0)

    def swap(self, held: Key | None, new: Key | None, reason: str, table: str | None = None) -> None:
        """Of a family of tags of which one is held at a time: leave one, then enter another (None: none)."""
        if held is not None:
            self.leave(held, reason, table)
        if new is not None:
            self.enter(new, reason, table)

    def entered(self, tag: str, reason: str, table: str | None = None) -> None:
        """Say that a tag kept elsewhere than in `Profile.tags` begins, and count its holders. It may be public."""
        self.show()
        self._say("entered", tag, self.p.evaluated_at, reason, table, None, 1)

    def exited(self, tag: str, since: int, reason: str, table: str | None = None) -> None:
        """Say that such a tag held `since` (ms) ends, and count its holders."""
        self.show()
        self._say("exited", tag, since, reason, table, None, -1)

    def _say(
        self,
        kind: Literal["entered", "exited"],
        tag: str,
        since: int,
        reason: str,
        table: str | None,
        score: float | None,
        holders: int,
    ) -> None:
        """Emit the message of a tag that was entered or exited, and count so many more holders."""
        p, effects, user = self.p, self.ctx.effects, self.user
        now, changes = p.evaluated_at, p.changes + 1
        if holders:
            effects.counts[tag] += holders
        p.changes = changes
        prefix = self.prefix
        if not prefix:  # worked out at most once a moment
            self.prefix = prefix = _BEGINNING + text(user)
        effects.emit(
            USER_TAGS,
            user.encode(),
            TagChange(
                id=sealed(prefix + _text(tag) + number(now) + _number(changes)), kind=kind, user_id=user, as_of=now,
                reason=reason, tag=tag, since=since, table=table, score=score,
            ),
        )  # fmt: skip

    def turn(self, tag: Key, holds: bool, reason: Callable[[], str], score: float | None = None) -> bool:
        """Let the shopper hold a tag or not; says so if that is a change. Returns whether it is."""
        if holds == self.holds(tag):
            return False
        if holds:
            self.enter(tag, reason(), score=score)
        else:
            self.leave(tag, reason())
        return True

    def emit(self, role: str, output: Output) -> None:
        """Send an output about the shopper."""
        self.ctx.effects.emit(role, self.user.encode(), output)


_BEGINNING = text(USER_TAGS)
"""What ids of changes of tags begin with, before the shopper."""
_text, _number = lru_cache(4_096)(text), lru_cache(4_096)(number)
"""Names of tags, and how many changed: the same ones come again and again."""


def slot(p: Profile, feature: Any) -> Any:
    """A feature's state in a profile, unpacked; None if it was never touched."""
    slots, place = p.slots, feature.place
    if place >= len(slots):
        return None
    state: Any = slots[place]
    if type(state) is Raw:
        state = slots[place] = feature.unpack(state)
    return state
