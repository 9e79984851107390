"""Profiles as bytes: nothing is lost, stored bytes of released layouts stay readable, sizes stay bounded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from models.carts import operations as cart_fold
from models.carts.abandonment import Cart, Open
from models.carts.basket import Base, Basket, Operation
from models.kernel.effects import Context
from models.kernel.events import Added, Line, Replaced
from models.kernel.settings import Settings
from models.kernel.shopper import Buyer, Profile
from models.orders.baskets import Baskets
from models.orders.gaps import Gaps
from models.orders.history import OrderHistory
from models.orders.older_orders import OlderOrders
from models.orders.order import Order
from models.profile import codec

GOLDEN = Path(__file__).parent / "golden" / "profile-1.hex"
E0 = 1_700_000_000_000


def full() -> Profile:
    """A profile that uses every field."""
    past = OlderOrders(3, 2, 900, 100, E0 - 9, 1.5, 812.25, Gaps(2, E0 - 20, E0 - 9, 4.5, 20.25))
    book = OrderHistory([Order(2**63 + 5, E0, 5_990, 100, 1)], b"12345678", 50, past)
    basket = Basket([Operation(E0 + 5, 77, 1, "p1", 2, 1_999)], Base(E0, 3, True, [Line("p0", 1, None)]))
    cart = Cart("c7", basket, E0 + 5, True, E0, E0 - 1, [Open(E0, E0 + 9, False, False, b"abcd")])
    buyer = Buyer(book, 514, 8, E0, E0, "00ff")
    return Profile(
        E0, E0 + 9, 12, 3, 7, 4, b"aaaabbbb", b"cccc", [1, 300, "x", 7], E0, 5, E0, E0 + 1, E0, 2, E0, [cart], buyer
    )


def test_a_profile_survives_its_bytes() -> None:
    assert codec.decode(codec.encode(full())) == full()


def test_so_do_fields_that_were_appended() -> None:
    p = full()
    p.tags, p.habits, p.looked, p.views, p.left = [9, E0, "interest:x", E0 + 1], b"\x90", E0, b"abcd\3", [E0, E0 + 1]
    assert p.buyer is not None
    p.buyer.counted, p.buyer.rescore, p.buyer.others, p.buyer.table = (19_000, 2, 400), E0, E0 + 1, 20_231_101
    past = p.buyer.book.older
    assert past is not None
    past.gaps.logs, past.discounted, past.kept, past.touched = [1, 0.5, 0.25], 1, 3, 2
    past.baskets = Baskets(E0, 900, [2, 6.5, 0.125], [3, 6.5, 42.5])
    assert codec.decode(codec.encode(p)) == p


def test_the_golden_bytes_of_layout_1_read_the_same_for_ever() -> None:
    assert codec.decode(bytes.fromhex(GOLDEN.read_text())) == full()


def test_fields_are_only_ever_appended() -> None:
    """What layout 1 wrote is a prefix of what is written now."""
    old = msgspec.msgpack.decode(bytes.fromhex(GOLDEN.read_text()))
    new = msgspec.msgpack.decode(codec.encode(full()))
    assert begins(new, old)


def begins(new: Any, old: Any) -> bool:
    """Whether an array is the old one with something appended, here or in the arrays within."""
    if isinstance(old, list):
        return len(new) >= len(old) and all(map(begins, new, old))
    return bool(new == old)


def test_other_bytes_are_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        codec.decode(b"\x93\x63\x01\x02")


def test_the_fattest_carts_stay_below_the_cap() -> None:
    ctx, p = Context(Settings()), Profile(E0, E0)
    name = "ü" * 100
    for i in range(600):
        event = Added(f"cart-{i % 12}", Line(f"{name}{i}", 1, 100))
        cart_fold.operate(ctx, "u", p, event, E0 + i, i, E0 + i)
        assert len(codec.encode(p)) <= 8_192
    cart_fold.operate(
        ctx, "u", p, Replaced("c", tuple(Line(f"{name}{i}", 1) for i in range(200))), E0 + 700, 1, E0 + 700
    )
    assert len(codec.encode(p)) <= 8_192
    assert ctx.effects.counts["cart_overflow"] > 0
    assert p.carts
