"""Who holds a tag, page by page, newest first; and as CSV."""

from __future__ import annotations

import csv
import io
from bisect import bisect_right
from collections.abc import Iterable

from msgspec import Struct

from dashboard.answers.freshness import Freshness, freshness
from dashboard.rolls import Roll
from dashboard.shop import ShopView
from dashboard.snapshot import Snapshot
from dashboard.words import Words
from models.decoding.money import exponent
from sinks.members import Member

PAGE = 100
"""Members of a page, unless more or fewer are asked for."""


class Holder(Struct, frozen=True):
    """Who holds the tag: since when (event time, ms), and net spending so far (minor units; 0: never bought)."""

    user_id: str
    since: int
    value: int


class Members(Struct, frozen=True, kw_only=True):
    """A page of them.

    Attributes
    ----------
    tag
        Its name.
    complete
        Whether all profiles were looked at; else ask again in a second or two.
    seen, shoppers
        Profiles looked at so far, of how many.
    holders
        All who hold it, of those looked at.
    members
        The page, newest first. At most 10,000 can be paged through: `kairos members` has all.
    after
        Ask for what follows by it; None: this was the last page.
    """

    freshness: Freshness
    currency: str
    tag: str
    complete: bool
    seen: int
    shoppers: int
    holders: int
    members: tuple[Holder, ...]
    after: str | None


def members(
    snapshot: Snapshot, shop: ShopView, tag: str, roll: Roll, after: tuple[int, str] | None = None, limit: int = PAGE
) -> Members:
    """A page of a roll.

    Parameters
    ----------
    after
        Whom the page follows: since when they hold the tag, and their id; None: the first page.
    limit
        Members of the page, at most.
    """
    begin = 0 if after is None else bisect_right(roll.members, _place(*after), key=lambda m: _place(m.since, m.user_id))
    page = roll.members[begin : begin + limit]
    more = begin + limit < len(roll.members)
    return Members(
        freshness=freshness(snapshot, shop),
        currency=shop.settings.currency,
        tag=tag,
        complete=roll.finished > 0,
        seen=roll.seen,
        shoppers=snapshot.summary.counts["shoppers"],
        holders=roll.holders,
        members=tuple(Holder(*member) for member in page),
        after=f"{page[-1].since}:{page[-1].user_id}" if more else None,
    )


def position(after: str) -> tuple[int, str]:
    """Whom a page follows, as `Members.after` says it.

    >>> position("1775042100000:u:2")
    (1775042100000, 'u:2')

    Raises ValueError if it is nothing of the kind.
    """
    since, colon, user = after.partition(":")
    if not (colon and since.isascii() and since.isdigit() and len(since) < 17):
        raise ValueError("expected what `after` of a page says")
    return int(since), user


def _place(since: int, user: str) -> tuple[int, str]:
    return -since, user


def as_csv(members: Iterable[Member | Holder], currency: str) -> str:
    """All of them as CSV, with a line of names; times in ISO 8601 (UTC), money in whole units of the currency."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(["user_id", "since", "value", "currency"])
    decimals, times = exponent(currency), Words("en", "UTC")
    for member in members:
        value = f"{member.value / 10**decimals:.{decimals}f}"
        lines.writerow([member.user_id, times.iso(member.since), value, currency])
    return out.getvalue()
