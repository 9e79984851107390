"""Profiles as bytes: nothing is lost, stored bytes of released layouts stay readable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from models.carts.cart_events import State as Carts
from models.churn.alert import State as Churn
from models.features import SHOPPERS, ShopSettings
from models.kernel.moment import slot
from models.kernel.settings import DAY
from models.kernel.shopper import LIFETIME, Profile
from models.lifecycle.stage import State as Stage
from models.orders.order import Order
from models.profile import codec
from models.profile.describe import describe
from models.profile.public import public
from models.rfm.segments import State as Segment

GOLDEN = Path(__file__).parent / "golden"
E0 = 1_700_000_000_000


def stored(layout: int) -> bytes:
    """Bytes as a release wrote them: of a profile that used every field there was then."""
    return bytes.fromhex((GOLDEN / f"profile-{layout}.hex").read_text())


def state(p: Profile, feature: str) -> Any:
    return slot(p, SHOPPERS.named[feature])


def test_a_profile_survives_its_bytes() -> None:
    p = codec.decode(stored(1))
    packed = codec.encode(p)
    again = codec.decode(packed)
    assert describe(again, {"shoes": 1}, ShopSettings()) == describe(p, {"shoes": 1}, ShopSettings())
    assert (again.due, again.dues) == (p.due, p.dues)
    assert codec.encode(again) == packed
    older = codec.decode(stored(2))
    assert describe(older, {"shoes": 1}, ShopSettings()) == describe(p, {"shoes": 1}, ShopSettings())
    assert (older.due, older.dues) == (p.due, p.dues)


def test_slots_that_nobody_asked_for_stay_packed() -> None:
    p = codec.decode(stored(2))
    assert {type(x) for x in p.slots} == {msgspec.Raw}
    assert codec.encode(p) == stored(2)


def test_what_layout_1_held_is_held_in_layout_2() -> None:
    p = codec.decode(stored(1))
    assert (p.first, p.last, p.events, p.visits, p.flags, p.burst) == (E0, E0 + 9, 12, 3, 7, 4)
    assert (p.recent_clicks, p.recent_acts, p.evaluated_at, p.changes, p.due) == (b"aaaabbbb", b"cccc", E0, 2, E0 + 1)
    assert p.dues == dict.fromkeys([LIFETIME, *range(1, 17)], E0 + 1)
    assert state(p, "stage") == Stage(5, E0, E0)
    assert state(p, "interests").weights == [1, 300, "x", 7]
    carts = state(p, "carts")
    assert isinstance(carts, Carts)
    assert (carts.cleared, [cart.id for cart in carts.carts], carts.carts[0].open[0].products) == (E0, ["c7"], b"abcd")
    assert state(p, "segment") == Segment(8, E0)
    assert state(p, "churn") == Churn(E0, "00ff")
    orders = state(p, "orders")
    assert (orders.ring, orders.refunds, orders.loose) == ([Order(2**63 + 5, E0, 5_990, 100, 1)], b"12345678", 50)
    assert (orders.older.orders, orders.older.gross, orders.older.gaps.mean) == (3, 900, 4.5)


def test_an_upgraded_shopper_is_scored_at_the_next_look_and_rests() -> None:
    """The sums that layout 2 keeps beside the scores were not in layout 1."""
    ctx, p, now = SHOPPERS.context(ShopSettings()), codec.decode(stored(1)), E0 + 1
    ctx.vocabulary.id("hats")
    ctx.vocabulary.id("shoes")
    p.last = now
    left = SHOPPERS.timer(ctx, "u", p, now)
    assert left is not None
    scores = state(left, "scores")
    assert (scores.last, scores.orders, scores.net) == (E0, 3, 900 - 100 - 100 - 50 + 5_990)
    assert left.due == min(left.dues.values()) > now
    assert left.due < now + 4 * 365 * DAY
    shown = public(left)
    assert shown is not None
    assert (shown["orders"], shown["net"]) == (3, scores.net)


def test_other_bytes_are_refused() -> None:
    for packed in (b"\x93\x63\x01\x02", b"\x93\x03\x01\x02", b"\xc0", b""):
        with pytest.raises(msgspec.DecodeError):
            codec.decode(packed)
