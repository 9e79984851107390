"""Shortcuts of the fold come to what the long way comes to: random cases, each also asked the long way."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from models import zones
from models.cuts import Cuts
from models.effects import Context
from models.gaps import Gaps
from models.interest import LANDMARK
from models.learners.beta import BetaCounts
from models.older_orders import OlderOrders
from models.order import CANCELLED, Order
from models.orders import Book
from models.settings import DAY, HOUR, Settings
from models.tags import habits, interest
from models.tags.habit import CHANNELS, DEVICES, HOURS, judge

ZONES = (
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
)
FROM, UNTIL = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp() * 1000) for year in (1990, 2040))
HALF_LIFE = 14 * DAY


def local(e: int, zone: str) -> datetime:
    """By the `tzdata` package, as Kairos does it: the operating system may have another year's rules."""
    with (files("tzdata") / "zoneinfo" / zone).open("rb") as file:
        return datetime.fromtimestamp(e // 1000, ZoneInfo.from_file(file))


@given(st.sampled_from(ZONES), st.integers(FROM, UNTIL))
def test_hour_of_a_zone(zone: str, e: int) -> None:
    assert zones.hour(e, zone) == local(e, zone).hour


def test_hour_where_the_offset_changes_within_an_hour() -> None:
    """Newfoundland changed its clocks a minute past midnight: at 02:31 UTC, within an hour of UTC."""
    change = int(datetime(2010, 11, 7, 2, 31, tzinfo=UTC).timestamp() * 1000)
    for e in range(change - 2 * HOUR, change + 2 * HOUR, 60_000):
        assert zones.hour(e, "America/St_Johns") == local(e, "America/St_Johns").hour


def tallies(kinds: st.SearchStrategy[int], most: int) -> st.SearchStrategy[list[Any]]:
    pairs = st.lists(st.tuples(kinds, st.integers(1, 12)), max_size=most, unique_by=lambda pair: pair[0])
    return pairs.map(lambda found: [x for pair in found for x in pair])


@given(
    st.sampled_from([HOURS, DEVICES, CHANNELS]),
    tallies(st.integers(0, 3), 4) | tallies(st.integers(0, 23), 24),
    st.integers(0, 23) | st.none(),
    st.lists(st.integers(0, 50), min_size=24, max_size=24) | st.just([]),
)
def test_habits_that_stay(family: Any, pairs: list[Any], held: int | None, visits: list[int]) -> None:
    """Where the shortcut says that nothing changes, judging by all means says so too."""
    named = {f"kind {i}": n for i, n in enumerate(visits)}
    cuts = Cuts(version=20260101, half_life=1, hours=tuple(visits), devices=named, channels=named)
    ctx = Context(Settings(), cuts)
    for name in named:
        ctx.vocabulary.id(name)
    if held is not None and held not in pairs[::2]:
        held = pairs[0] if pairs else None  # only what was counted was ever entered
    judged = judge(family, BetaCounts(family.strength, 24, pairs), held, habits._priors(ctx, family, pairs[::2]))
    if habits._stays(ctx, family, pairs, held):
        assert judged.kind == held


def test_habits_that_do_not_stay() -> None:
    """The shortcut is no excuse: it refuses where something changes."""
    ctx = Context(Settings())
    assert not habits._stays(ctx, HOURS, [9, 5], None)
    assert habits._stays(ctx, HOURS, [9, 5], 9)
    assert not habits._stays(ctx, HOURS, [9, 1, 8, 30], 9)


@given(
    st.lists(st.tuples(st.integers(0, 7), st.integers(-300, 1_200)), max_size=8, unique_by=lambda pair: pair[0]),
    st.lists(st.integers(0, 8), max_size=5, unique=True),
    st.integers(-DAY, 30 * DAY),
)
def test_interests_that_are_steady(pairs: list[tuple[int, int]], held: list[int], after: int) -> None:
    flat: list[Any] = [x for pair in pairs for x in pair]
    names = [f"category {i}" for i in range(9)]
    changes = interest.changes(flat, held, LANDMARK + after, HALF_LIFE, names)
    if interest.steady(flat, held, LANDMARK + after, HALF_LIFE):
        assert changes == ([], [])
    elif len(held) < interest.HELD:
        assert changes != ([], [])


orders = st.lists(
    st.builds(
        Order,
        st.integers(1, 10**9),
        st.integers(0, 400 * DAY),
        st.integers(-1, 90_000),
        st.just(0),
        st.sampled_from([0, 0, 0, CANCELLED]),
    ),
    max_size=12,
    unique_by=lambda order: order.hash,
)


@given(orders, st.lists(st.integers(-90 * DAY, -1), max_size=4))
def test_gaps_without_logs_and_with_them(ring: list[Order], before: list[int]) -> None:
    """A summary's gaps lack the newest logs, and nothing else."""
    gaps = Gaps()
    for e in sorted(before):
        gaps.learn_one(e, 0.3)
    ring.sort(key=lambda order: (order.e, order.hash))
    book = Book(ring, older=OlderOrders(valid=len(before), gaps=gaps) if before else None)
    short, long = book.summary(90 * DAY, 0.3).gaps, book.gaps(0.3)
    assert (short.occasions, short.occasion, short.order, short.mean, short.square) == (
        long.occasions,
        long.occasion,
        long.order,
        long.mean,
        long.square,
    )
    assert long.occasions < 2 or long.logs[0] == long.occasions - 1
