"""Carts beyond what a profile has room for: counts and values stay right, and what was said of a cart has an end."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from models.carts import operations as cart_fold
from models.carts.operations import BYTES, CARTS
from models.kernel.effects import Context
from models.kernel.events import Added, Line, Replaced
from models.kernel.settings import MINUTE, Settings
from models.kernel.shopper import Profile
from models.profile import codec

E0 = 1_700_000_000_000
CAP = 8_192
"""Bytes of a profile, at most."""

Lines = list[tuple[int, int]]
"""Quantities and prices."""

cart_names = st.sampled_from(["c1", "c2", "c3"])
many_lines = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 500)), max_size=120)


@given(st.lists(st.tuples(cart_names, many_lines), min_size=1, max_size=4), st.integers(1, 120))
def test_a_large_cart_keeps_its_count_and_its_value(snapshots: list[tuple[str, Lines]], width: int) -> None:
    """Snapshots, then more of other products: beside plain sums of what was put in."""
    ctx, p = Context(Settings()), Profile(E0, E0)
    pieces, values = Counter[str](), Counter[str]()
    for step, (cart, lines) in enumerate(snapshots):
        named = tuple(Line(f"{step}-{n}".ljust(width, "x"), *line) for n, line in enumerate(lines))
        at = E0 + 2 * step * MINUTE
        cart_fold.operate(ctx, "u", p, Replaced(cart, named), at, 2 * step, at)
        more = Line(f"more-{step}".ljust(width, "y"), 1, 7)
        cart_fold.operate(ctx, "u", p, Added(cart, more), at + MINUTE, 2 * step + 1, at + MINUTE)
        pieces[cart] = sum(line.quantity for line in named) + 1
        values[cart] = sum(line.quantity * (line.price or 0) for line in named) + 7
    found = {cart.id: cart.basket.contents() for cart in p.carts}
    assert {name: contents.pieces for name, contents in found.items()} == pieces
    assert {name: contents.value() for name, contents in found.items()} == values
    if ctx.effects.counts["cart_overflow"] == 0:
        assert not any(contents.cut.products for contents in found.values())
    assert len(codec.encode(p)) <= CAP


def test_products_that_fit_are_kept_one_by_one() -> None:
    """Nothing is cut before the bound, and little more than needed beyond it."""
    ctx, p = Context(Settings()), Profile(E0, E0)
    lines = tuple(Line(f"{n:032}", 1, 10) for n in range(150))
    cart_fold.operate(ctx, "u", p, Replaced("c", lines), E0, 1, E0)
    [cart] = p.carts
    kept = cart.basket.contents().quantities
    assert list(kept) == [f"{n:032}" for n in range(len(kept))]
    assert BYTES * 0.8 <= len(codec.encode(p)) <= BYTES * 1.1
    assert 0.6 * BYTES / 40 <= len(kept) < 150


def test_a_product_that_is_known_as_a_sum_starts_no_new_generation() -> None:
    ctx, p = Context(Settings(anonymous_carts=True)), Profile(E0, E0)
    lines = tuple(Line(f"{n:060}", 1, 10) for n in range(150))
    cart_fold.operate(ctx, "u", p, Replaced("c", lines), E0, 1, E0)
    cart_fold.fire(ctx, "u", p, E0 + 30 * MINUTE)
    for number, product in enumerate((lines[-1].product, "new")):
        at = E0 + (40 + number) * MINUTE
        cart_fold.operate(ctx, "u", p, Added("c", Line(product, 1, 10)), at, 2 + number, at)
        assert bool(p.carts[0].armed) == (product == "new")


def test_a_cart_of_which_nothing_was_said_goes_first() -> None:
    ctx, p = Context(Settings(anonymous_carts=True)), Profile(E0, E0)
    for number in range(CARTS - 1):
        cart_fold.operate(ctx, "u", p, Added(f"c{number}", Line("p", 1, 10)), E0 + number, number, E0 + number)
    cart_fold.fire(ctx, "u", p, E0 + 40 * MINUTE)
    for number in (10, 11, 12):
        at = E0 + 50 * MINUTE + number
        cart_fold.operate(ctx, "u", p, Added(f"c{number}", Line("p", 1, 10)), at, number, at)
    assert [cart.id for cart in p.carts] == [*(f"c{number}" for number in range(CARTS - 1)), "c12"]
    assert ctx.effects.counts["carts_closed"] == 2
    cart_fold.fire(ctx, "u", p, E0 + 90 * MINUTE)
    cart_fold.operate(ctx, "u", p, Added("c13", Line("p", 1, 10)), E0 + 91 * MINUTE, 13, E0 + 91 * MINUTE)
    [end] = [said.output for said in ctx.effects.outputs if said.output.kind == "expired"]
    assert (end.as_of, end.reason) == (E0 + 91 * MINUTE, "given up: too many carts are open")
