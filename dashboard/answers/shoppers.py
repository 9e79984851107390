"""*Shoppers*: who they are, by segment, stage and tag."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct

from dashboard.answers.activity import Activity
from dashboard.answers.freshness import Freshness, freshness
from dashboard.shop import ShopView
from dashboard.snapshot import Snapshot
from models.kernel.settings import DAY
from models.rfm.segments import SEGMENTS, segment

SCORES = range(1, 6)


class Cell(Struct, frozen=True):
    """A cell of the R-F grid: scores of recency and frequency (1 to 5), the segment it belongs to, buyers in it, and
    their net spending so far."""

    r: int
    f: int
    segment: str
    buyers: int
    value: int


class Segment(Struct, frozen=True):
    """A segment: who is in it now, their net spending, and who came and left within the last 24 hours."""

    name: str
    buyers: int
    value: int
    came: int
    left: int


class Move(Struct, frozen=True):
    """Buyers who went from one segment ("": from none, with the first order) to another ("": none is left) within the
    last 24 hours."""

    before: str
    after: str
    buyers: int


class Holders(Struct, frozen=True):
    """A tag, and how many hold it."""

    tag: str
    shoppers: int


class Shoppers(Struct, frozen=True, kw_only=True):
    """The view. `stages` by the second part of their tag's name; `tags` has all other tags; the commonest first."""

    freshness: Freshness
    currency: str
    shoppers: int
    grid: tuple[Cell, ...]
    segments: tuple[Segment, ...]
    moves: tuple[Move, ...]
    stages: tuple[Holders, ...]
    tags: tuple[Holders, ...]


def shoppers(snapshot: Snapshot, shop: ShopView) -> Shoppers:
    """The view of a snapshot."""
    fresh, summary = freshness(snapshot, shop), snapshot.summary
    moves = _moves(Activity(summary, fresh.as_of, shop.settings.time_zone))
    grid = tuple(_cell(r, f, summary.grid) for r in SCORES for f in SCORES)
    return Shoppers(
        freshness=fresh,
        currency=shop.settings.currency,
        shoppers=summary.counts["shoppers"],
        grid=grid,
        segments=tuple(_segment(name, summary.segments[name], grid, moves) for name in SEGMENTS if name),
        moves=tuple(Move(before, after, n) for (before, after), n in moves.most_common() if n > 0),
        stages=_holders(summary.stages),
        tags=_holders(summary.tags),
    )


def _cell(r: int, f: int, grid: dict[str, tuple[int, int]]) -> Cell:
    buyers, value = grid.get(f"{r}{f}", (0, 0))
    return Cell(r, f, SEGMENTS[segment(r, f)], buyers, value)


def _moves(seen: Activity) -> Counter[tuple[str, str]]:
    """Who moved from which segment to which within 24 hours, by whole hours."""
    found: Counter[tuple[str, str]] = Counter()
    for _, counts in seen.hours(seen.as_of - DAY):
        for name, n in counts.items():
            kind, _, rest = name.partition(":")
            if kind == "moved":
                before, _, after = rest.partition(">")
                found[before, after] += n
    return found


def _segment(name: str, buyers: int, grid: tuple[Cell, ...], moves: Counter[tuple[str, str]]) -> Segment:
    return Segment(
        name,
        buyers,
        sum(cell.value for cell in grid if cell.segment == name),
        sum(n for (_, after), n in moves.items() if after == name),
        sum(n for (before, _), n in moves.items() if before == name),
    )


def _holders(counts: Counter[str]) -> tuple[Holders, ...]:
    return tuple(Holders(name, n) for name, n in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if n > 0)
