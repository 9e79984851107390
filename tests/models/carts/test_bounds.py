"""Carts beyond what a profile has room for: counts and values stay right, and what was said of a cart has an end."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from models.carts.bounds import BYTES, CARTS
from models.features import ShopSettings
from models.kernel.events import Added, Line, Replaced
from models.kernel.settings import MINUTE
from models.profile import codec
from tests.acting import PLAIN
from tests.models.shopper import E0, Shopper

CAP = 8_192
"""Bytes of a profile, at most."""

Lines = list[tuple[int, int]]
"""Quantities and prices."""

cart_names = st.sampled_from(["c1", "c2", "c3"])
many_lines = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 500)), max_size=120)


@given(st.lists(st.tuples(cart_names, many_lines), min_size=1, max_size=4), st.integers(1, 120))
def test_a_large_cart_keeps_its_count_and_its_value(snapshots: list[tuple[str, Lines]], width: int) -> None:
    """Snapshots, then more of other products: beside plain sums of what was put in."""
    shopper = Shopper(ShopSettings())
    pieces, values = Counter[str](), Counter[str]()
    for step, (cart, lines) in enumerate(snapshots):
        named = tuple(Line(f"{step}-{n}".ljust(width, "x"), *line) for n, line in enumerate(lines))
        at = E0 + 2 * step * MINUTE
        shopper.does(Replaced(cart, named), at)
        more = Line(f"more-{step}".ljust(width, "y"), 1, 7)
        shopper.does(Added(cart, (more,)), at + MINUTE)
        pieces[cart] = sum(line.quantity for line in named) + 1
        values[cart] = sum(line.quantity * (line.price or 0) for line in named) + 7
    found = {cart.id: cart.basket.contents() for cart in shopper.state("carts").carts}
    assert {name: contents.pieces for name, contents in found.items()} == pieces
    assert {name: contents.value() for name, contents in found.items()} == values
    if shopper.ctx.effects.counts["cart_overflow"] == 0:
        assert not any(contents.cut.products for contents in found.values())
    assert len(codec.encode(shopper.p)) <= CAP


def test_products_that_fit_are_kept_one_by_one() -> None:
    """Nothing is cut before the bound, and little more than needed beyond it."""
    shopper = Shopper(ShopSettings())
    lines = tuple(Line(f"{n:032}", 1, 10) for n in range(150))
    shopper.does(Replaced("c", lines), E0)
    [cart] = shopper.state("carts").carts
    kept = cart.basket.contents().quantities
    assert list(kept) == [(f"{n:032}", "", "") for n in range(len(kept))]
    assert BYTES * 0.8 <= len(codec.encode(shopper.p)) <= BYTES * 1.1
    assert 0.6 * BYTES / 40 <= len(kept) < 150


def test_a_product_that_is_known_as_a_sum_starts_no_new_generation() -> None:
    shopper = Shopper(ShopSettings(anonymous_carts=True, **PLAIN))
    lines = tuple(Line(f"{n:060}", 1, 10) for n in range(150))
    shopper.does(Replaced("c", lines), E0)
    shopper.until(E0 + 30 * MINUTE + 1)
    for number, product in enumerate((lines[-1].product, "new")):
        shopper.does(Added("c", (Line(product, 1, 10),)), E0 + (40 + number) * MINUTE)
        assert bool(shopper.state("carts").carts[0].armed) == (product == "new")


def test_a_cart_of_which_nothing_was_said_goes_first() -> None:
    shopper = Shopper(ShopSettings(anonymous_carts=True, **PLAIN))
    for number in range(CARTS - 1):
        shopper.does(Added(f"c{number}", (Line("p", 1, 10),)), E0 + number)
    shopper.until(E0 + 40 * MINUTE + 1)
    for number in (10, 11, 12):
        shopper.does(Added(f"c{number}", (Line("p", 1, 10),)), E0 + 50 * MINUTE + number)
    assert [cart.id for cart in shopper.state("carts").carts] == [*(f"c{number}" for number in range(CARTS - 1)), "c12"]
    assert shopper.ctx.effects.counts["carts_closed"] == 2
    shopper.until(E0 + 90 * MINUTE + 1)
    shopper.does(Added("c13", (Line("p", 1, 10),)), E0 + 91 * MINUTE)
    [end] = [said.output for said in shopper.ctx.effects.outputs if said.output.kind == "expired"]
    assert (end.as_of, end.reason) == (E0 + 91 * MINUTE, "given up: too many carts are open")
