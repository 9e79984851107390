"""The dearest carts, beside a plain list of all that was offered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.carts import dearest
from models.carts.dearest import Dearest, TopCart, decode
from models.features import ShopSettings
from models.kernel.events import Added, Line, Removed
from models.kernel.settings import DAY, HOUR, MINUTE
from tests.acting import PLAIN
from tests.models.shopper import E0, Shopper

NAMES = st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"))
OFFERS = st.lists(st.tuples(NAMES, st.none() | st.integers(0, 6), st.booleans()), max_size=40)


@given(OFFERS, st.integers(1, 9))
def test_beside_a_list_of_all(offers: list[tuple[tuple[str, str], int | None, bool]], room: int) -> None:
    """Whoever goes on with it. Where there was room for all, these are all that are open, the dearest first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dearest, "KEPT", room)
        kept, plain, there = Dearest(), list[TopCart](), dict[tuple[str, str], TopCart]()
        crowded = False
        for at, ((user, cart), value, anew) in enumerate(offers):
            plain = [other for other in plain if (other.user, other.cart) != (user, cart)]
            there.pop((user, cart), None)
            if value is None:
                kept.remove(user, cart)
            else:
                there[user, cart] = row = TopCart(value, user, cart, 1, at, 0)
                listed = kept.takes(user, cart, value)
                if listed:
                    kept.offer(row)
                    plain = sorted([*plain, row], key=lambda row: (-row.value, row.user, row.cart))
                assert listed == (row in plain[:room])
                crowded |= len(plain) > room or not listed
                plain = plain[:room]
            if anew:
                text = kept.encode()
                kept = Dearest()
                kept.restore(text)
            assert decode(kept.encode()) == plain
        if not crowded:
            assert plain == sorted(there.values(), key=lambda row: (-row.value, row.user, row.cart))


def top(shopper: Shopper) -> list[tuple[int, str, int, int, int]]:
    kept: Dearest = shopper.ctx.lists["top_carts"]
    return [(row.value, row.cart, row.pieces, row.changed - E0, row.reminded) for row in decode(kept.encode())]


def test_by_a_shoppers_carts() -> None:
    shopper = Shopper(ShopSettings(**PLAIN)).does(Added("a", (Line("p", 2, 900),)), E0)
    shopper.does(Added("b", (Line("q", 1, 2_000),)), E0 + MINUTE)
    assert top(shopper) == [(2_000, "b", 1, MINUTE, 0), (1_800, "a", 2, 0, 0)]
    shopper.does(Removed("b", (Line("q", 1, 2_000),)), E0 + 2 * MINUTE)
    assert top(shopper) == [(1_800, "a", 2, 0, 0)]
    shopper.until(E0 + HOUR)
    assert top(shopper) == [(1_800, "a", 2, 0, E0 + 30 * MINUTE)]
    shopper.until(E0 + 9 * DAY)
    assert top(shopper) == []
