"""Answers that are the API's own, and what is sent to it."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from dashboard.answers.feed import Item
from dashboard.answers.freshness import Freshness
from dashboard.answers.shoppers import Cell, Holders, Move, Segment

MOST = 500
"""Most shoppers of one batch look-up."""


class Segments(Struct, frozen=True, kw_only=True):
    """The R-F grid, the segments, and who went from one to another within the last 24 hours."""

    freshness: Freshness
    currency: str
    grid: tuple[Cell, ...]
    segments: tuple[Segment, ...]
    moves: tuple[Move, ...]


class Tags(Struct, frozen=True, kw_only=True):
    """How many hold each stage and each tag, the commonest first."""

    freshness: Freshness
    shoppers: int
    stages: tuple[Holders, ...]
    tags: tuple[Holders, ...]


class MinuteCounts(Struct, frozen=True):
    """What happened in one minute of event time, which begins at `at` (ms).

    `visitors` are distinct shoppers with an event in the five minutes that end with this one; `viewed`, `carted`,
    `checkout` and `bought` are visits that came so far in this minute.
    """

    at: int
    events: int
    orders: int
    revenue: int
    triggers: int
    visitors: int
    visits: int
    viewed: int
    carted: int
    checkout: int
    bought: int


class Minutes(Struct, frozen=True, kw_only=True):
    """The newest minutes, oldest first; those in which nothing happened are left out."""

    freshness: Freshness
    currency: str
    minutes: tuple[MinuteCounts, ...]


class BatchGet(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to look up: ids, each once or more."""

    ids: Annotated[tuple[str, ...], Meta(max_length=MOST)]


class Found(Struct, frozen=True):
    """Who was found, each once, as ``kairos profile --json`` shows a profile, in the order asked; `missing` has the ids
    of which nothing is known."""

    shoppers: tuple[dict[str, Any], ...]
    missing: tuple[str, ...]


class Feed(Struct, frozen=True):
    """Outputs, oldest first. `cursor`: where to go on, by ``?after=``. `missed`: some that came after the cursor asked
    from are gone, since each shard keeps its newest 1,000."""

    cursor: str
    items: tuple[Item, ...]
    missed: bool


class Missed(Struct, frozen=True):
    """Outputs that came after the cursor are gone."""

    detail: str


class Ready(Struct, frozen=True):
    """Redis answers, and the page can be asked."""

    ready: bool
    shards: int
