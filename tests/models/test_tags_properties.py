"""Whatever a shopper does: tags begin and end once each, and no event or time is missed by evaluating only the
rules that read what it raised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from models.features import ShopSettings
from models.kernel.events import (
    Added,
    Amended,
    Browsed,
    Cancelled,
    CartViewed,
    Event,
    Line,
    Ordered,
    Refunded,
    Removed,
    Replaced,
    Reviewed,
)
from models.kernel.settings import DAY, HOUR, MINUTE
from models.rfm.cuts import FIXED, Cuts
from tests.conftest import seeds
from tests.models.shopper import E0, Shopper


def any_event(rng: Random) -> Event:
    """Anything that can happen."""
    cart, line = rng.choice("cd"), Line(rng.choice(["p1", "p2"]), rng.randint(0, 2), 500)
    order = f"o{rng.randint(0, 24)}"
    amount = rng.choice([None, 0, 1_000, 1_000, 1_050, 1_100, 2_000, 90_000, 250_000])
    return rng.choice(
        [
            looking(rng),
            Added(cart, (line,), rng.choice(["", *"abc"])),
            Removed(cart, (line,)),
            Replaced(cart, (line,) * rng.randint(0, 2)),
            CartViewed(cart),
            Ordered(order, amount, True, "", rng.random() < 0.5),
            Amended(order, amount, True, "", rng.random() < 0.5),
            Refunded(order, order, rng.choice([None, 100, 5_000])),
            Cancelled(order),
        ]
    )


def looking(rng: Random) -> Event:
    """A look at a category, a product, both or neither."""
    if rng.random() < 0.1:
        return Reviewed(rng.choice(["", *"abcdefghijkl"]), "p1")
    return Browsed(rng.choice(["", *"abcdefghijkl"]), rng.randint(1, 3), rng.choice(["", "p1", "p1", "p2", "p3", "p4"]))


def filling(rng: Random) -> Event:
    """Something goes into a cart."""
    return Added("c", (Line(f"p{rng.randint(1, 9)}", 1, 500),))


def buying(rng: Random) -> Event:
    """An order like the others, or not."""
    amount = rng.choice([1_000, 1_010, 1_020, 990, 980, 60_000])
    return Ordered(f"o{rng.getrandbits(40)}", amount, True, "", rng.random() < 0.6)


def returning(rng: Random) -> Event:
    """Orders, and refunds of them."""
    order = f"r{rng.randint(0, 5)}"
    refund = Refunded(f"{rng.getrandbits(40)}", order, rng.choice([None, 100]))
    return rng.choice([Ordered(order, 1_000, True), refund])


MOODS: list[tuple[Callable[[Random], Event], list[int]]] = [
    (any_event, [0, 1, 20 * MINUTE, HOUR, DAY, 3 * DAY, 7 * DAY, 22 * DAY]),
    (looking, [1, MINUTE, 5 * MINUTE, HOUR]),
    (looking, [MINUTE, 5 * HOUR, DAY, 7 * DAY, 14 * DAY]),
    (looking, [23 * HOUR, 24 * HOUR, 25 * HOUR]),
    (filling, [MINUTE, 8 * DAY, 8 * DAY]),
    (buying, [DAY, 5 * DAY, 20 * DAY]),
    (returning, [HOUR, DAY]),
]
"""What shoppers do for a while, and how long they pause in between (ms)."""


def context(rng: Random) -> Any:
    """Where, on what, by which way; now and then wrong."""
    told = {
        "timezone": rng.choice(["Asia/Tokyo", "America/New_York", "Mars", 5]),
        "device": rng.choice([{"type": "Mobile"}, {"type": "mobile"}, {"type": "desktop"}, {"type": "tv"}, "mobile"]),
        "campaign": rng.choice([{"medium": "email"}, {"medium": "Email"}, {"medium": 5, "source": "news"}]),
    }
    return {key: value for key, value in told.items() if rng.random() < 0.8}


TABLE = Cuts(
    20231101, 500, recency=(10, 25, 50, 100), monetary=(900, 950, 1_000, 1_100), half_life=90 * DAY,
    hours=(1,) * 20 + (90,) * 4, weekdays=(9, 1, 1, 1, 1, 1, 3),
    devices={"mobile": 3, "desktop": 1}, channels={"email": 1},
)  # fmt: skip
SETTINGS = ShopSettings(currency="USD", bot_rate=12, visitor_ttl=60 * DAY)


@pytest.mark.parametrize("seed", seeds(200, quick=40))
def test_tags_begin_and_end_once_and_nothing_is_missed(seed: int) -> None:
    rng = Random(seed)
    shopper, e = Shopper(SETTINGS, rng.choice([FIXED, TABLE])), E0
    for mood, gaps in rng.choices(MOODS, k=rng.randint(1, 6)):
        for _ in range(rng.choice([2, 6, 15])):
            e += rng.choice(gaps)
            step(shopper, mood(rng), e - rng.choice([0, 0, 0, 0, HOUR, 9 * DAY]), rng)
    check(shopper)
    if shopper.p is not None:
        shopper.until(e + 2_000 * DAY)
        assert shopper.p is None
    assert check(shopper) == {}
    assert all(n == 0 for name, n in shopper.ctx.effects.counts.items() if is_tag(name))


def step(shopper: Shopper, event: Event, e: int, rng: Random) -> None:
    """Fold an event; evaluating every rule then, or at any time until the next due, must change nothing."""
    shopper.does(event, e, context(rng))
    if shopper.p is None or not shopper.applied:
        return
    now = max(shopper.watermark, shopper.p.evaluated_at)
    assert shopper.judged_fully(now) == []
    assert shopper.judged_fully(max(now, min(shopper.p.due - 1, now + rng.randint(0, 40 * DAY)))) == []


def check(shopper: Shopper) -> dict[str, int]:
    """Every `exited` ends what was `entered` last, with its `since`; returns what is held, and since when."""
    held: dict[str, int] = {}
    ids: Counter[str] = Counter()
    for change in shopper.changes:
        ids[change.id] += 1
        if change.kind == "entered":
            assert change.tag not in held
            assert change.since == change.as_of
            held[change.tag] = change.since
        else:
            assert held.pop(change.tag) == change.since
    assert max(ids.values(), default=1) == 1
    if shopper.p is not None:
        assert shopper.held == {tag for tag in held if not tag.startswith(("stage:", "segment:"))}
    for family in ("value:", "active_hour:", "active_weekday:", "device:", "channel:"):
        assert sum(tag.startswith(family) for tag in held) <= 1
    assert sum(tag.startswith("interest:") for tag in held) <= 5
    assert all(shopper.ctx.effects.counts[tag] == 1 for tag in held)
    return held


def is_tag(counter: str) -> bool:
    """Whether a counter counts holders of a tag."""
    return not counter.startswith(("visits:", "out:", "revenue:", "dead:", "trials:", "conversions:")) and (
        ":" in counter or counter in ("bot", "hesitating", "cart_abandoner", "second_order_due", "unusual_order")
    )


def test_the_check_sees_what_is_missed() -> None:
    shopper = Shopper(SETTINGS).looks(0, "p1").looks(0.1, "p1").looks(0.2, "p1").looks(0.3)
    assert shopper.p is not None
    assert shopper.held == {"hesitating"}
    assert shopper.judged_fully(shopper.p.evaluated_at + 8 * DAY) != []
    shopper.p.tags = None
    assert shopper.judged_fully(shopper.watermark) != []
    with pytest.raises(AssertionError):
        check(shopper)
