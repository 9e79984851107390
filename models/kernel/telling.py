"""Saying that a tag begins or ends, and counting who holds it."""

from __future__ import annotations

from typing import Literal

from models.kernel.effects import Context
from models.kernel.ids import digest
from models.kernel.outputs import USER_TAGS, TagChange
from models.kernel.shopper import Profile
from models.kernel.tags import Key, name


def entered(
    ctx: Context, user: str, p: Profile, tag: str, reason: str, table: str | None = None, score: float | None = None
) -> None:
    """Say that a tag begins (as of `p.judged`), and count its holders."""
    ctx.effects.counts[tag] += 1
    _say(ctx, user, p, "entered", tag, p.judged, reason, table, score)


def exited(ctx: Context, user: str, p: Profile, tag: str, since: int, reason: str, table: str | None = None) -> None:
    """Say that a tag held `since` ends (as of `p.judged`), and count its holders."""
    ctx.effects.counts[tag] -= 1
    _say(ctx, user, p, "exited", tag, since, reason, table)


def enter(
    ctx: Context,
    user: str,
    p: Profile,
    held: Key,
    now: int,
    reason: str,
    table: str | None = None,
    score: float | None = None,
) -> None:
    """Let a shopper hold a tag from `now` (ms) on. One whose subject has no number is not counted: that is bounded."""
    _at(ctx, user, p, now)
    if p.tags is None:
        p.tags = []
    p.tags += (held, p.judged)
    tag = name(held, ctx.vocabulary.names)
    if isinstance(held, int):
        ctx.effects.counts[tag] += 1
    _say(ctx, user, p, "entered", tag, p.judged, reason, table, score)


def leave(ctx: Context, user: str, p: Profile, held: Key, now: int, reason: str, table: str | None = None) -> None:
    """Let a shopper no longer hold a tag from `now` (ms) on."""
    _at(ctx, user, p, now)
    assert p.tags is not None
    at = p.tags.index(held)
    since = p.tags[at + 1]
    assert isinstance(since, int)
    del p.tags[at : at + 2]
    p.tags = p.tags or None
    tag = name(held, ctx.vocabulary.names)
    if isinstance(held, int):
        ctx.effects.counts[tag] -= 1
    _say(ctx, user, p, "exited", tag, since, reason, table)


def _at(ctx: Context, user: str, p: Profile, now: int) -> None:
    p.at(now)
    if p.buyer is not None or p.carts:
        ctx.effects.changed.add(user)


def _say(
    ctx: Context,
    user: str,
    p: Profile,
    kind: Literal["entered", "exited"],
    tag: str,
    since: int,
    reason: str,
    table: str | None,
    score: float | None = None,
) -> None:
    p.changes += 1
    change = TagChange(
        id=digest(USER_TAGS, user, tag, p.judged, p.changes),
        kind=kind,
        user_id=user,
        as_of=p.judged,
        reason=reason,
        tag=tag,
        since=since,
        table=table,
        score=score,
    )
    ctx.effects.say(USER_TAGS, user, change)
