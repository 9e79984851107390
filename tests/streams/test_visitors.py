"""Visitors of the last five minutes, beside sets of shoppers by minute."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from models.features import SHOPPERS, ShopSettings
from models.kernel.effects import Context, Effects
from models.kernel.events import CLICKSTREAM, Browsed
from models.kernel.record import DecodedRecord
from models.kernel.settings import MINUTE
from models.kernel.shopper import Profile
from sinks.minutes import Minute, unpack
from streams.stats import Stats

E0 = 28_333_333 * MINUTE
CLICKS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 30 * MINUTE)), max_size=25)


@given(CLICKS, st.integers(1, 5))
def test_by_sets_of_shoppers(clicks: list[tuple[str, int]], batch: int) -> None:
    """An event that is older than one of the same shopper changes nothing: it came too late."""
    ctx = SHOPPERS.context(ShopSettings())
    profiles: dict[str, Profile | None] = defaultdict(lambda: None)
    stats = Stats()
    came: defaultdict[str, list[int]] = defaultdict(list)
    for number, (user, after) in enumerate(clicks):
        e = E0 + after
        record = DecodedRecord(e, user, Browsed(product="p"), CLICKSTREAM, number)
        profiles[user], _ = SHOPPERS.event(ctx, user, profiles[user], record, 0)
        if e >= max(came[user], default=0):
            came[user].append(e)
        if number % batch == 0:
            stats.take(settled(ctx), ctx.lists)
    stats.take(settled(ctx), ctx.lists)
    rows = {row.minute: row for name, value in stats.taken().items() for row in unpack(name, str(value))}
    for minute in range(E0 // MINUTE - 1, E0 // MINUTE + 40):
        window = range(minute - 4, minute + 1)
        there = {user for user, times in came.items() if any(e // MINUTE in window for e in times)}
        assert rows.get(minute, Minute(minute)).visitors == len(there)


def settled(ctx: Context) -> Effects:
    """What a batch brought about, after which the next begins."""
    effects, ctx.effects = ctx.effects, Effects()
    effects.settle()
    return effects
