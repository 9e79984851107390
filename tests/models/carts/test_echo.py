"""A cart's own echo after its order arms nothing, whether the order or the echo comes first."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.carts.cart_events import State
from models.carts.cart_trigger import CartTrigger
from models.carts.echo import LINES, RECEIPTS, Receipt, receipt, remember
from models.features import ShopSettings
from models.kernel.events import Added, Event, Line, Ordered, Removed, Replaced
from models.kernel.settings import MINUTE, SECOND
from models.profile import codec
from tests.models.shopper import E0, Shopper

P, Q = Line("p", 1), Line("q", 1)
GRACE = 5 * MINUTE
PAID = Ordered("o", 1_000, True, "", lines=(Line("p", 3), Line("s9", 1, sku="s9")))
NAMED = Ordered("o", 1_000, True, "c")

CASES: list[tuple[str, Ordered, Event, int, bool]] = [
    ("a product of the order", PAID, Added("default", (P,)), SECOND, False),
    ("in the last moment of the grace", PAID, Added("c", (P,)), GRACE, False),
    ("after it", PAID, Added("c", (P,)), GRACE + 1, True),
    ("a product of the order by its sku", PAID, Added("c", (Line("p9", 1, sku="s9"),)), SECOND, False),
    ("another product", PAID, Added("default", (Q,)), SECOND, True),
    ("one and another", PAID, Added("default", (P, Q)), SECOND, True),
    ("a snapshot of what was bought", PAID, Replaced("default", (P,)), SECOND, False),
    ("a snapshot with another product", PAID, Replaced("default", (P, Q)), SECOND, True),
    ("the cart of the order", NAMED, Added("c", (Q,)), SECOND, False),
    ("a snapshot of the cart of the order", NAMED, Replaced("c", (P, Q)), GRACE, False),
    ("the cart of the order, later", NAMED, Replaced("c", (P, Q)), GRACE + 1, True),
    ("another cart", NAMED, Added("default", (P,)), SECOND, True),
    ("an order that names nothing", Ordered("o", 1_000), Added("default", (P,)), SECOND, True),
]


def told(shopper: Shopper) -> list[tuple[str, tuple[str, ...]]]:
    """Kinds of messages about carts, and the products they list."""
    said = [each.output for each in shopper.ctx.effects.outputs]
    return [(m.kind, tuple(x.product_id for x in m.products)) for m in said if isinstance(m, CartTrigger)]


@pytest.mark.parametrize("first", ["order", "echo"])
@pytest.mark.parametrize("closes", ["any", "same_cart"])
@pytest.mark.parametrize(("about", "order", "echo", "after", "arms"), CASES, ids=[case[0] for case in CASES])
def test_which_changes_are_an_echo(
    about: str, order: Ordered, echo: Event, after: int, arms: bool, closes: str, first: str
) -> None:
    shopper = Shopper(ShopSettings(order_closes=closes, anonymous_carts=True))  # type: ignore[arg-type]
    shopper.does(Added("c", (P,)), E0 - MINUTE)
    acts = [(order, E0), (echo, E0 + after)]
    for event, e in acts if first == "order" else reversed(acts):
        shopper.does(event, e)
    shopper.until(E0 + 60 * MINUTE)
    listed = ("q",) if Q in echo.lines and order is PAID else tuple(sorted(x.product for x in echo.lines))  # type: ignore[attr-defined]
    assert told(shopper) == ([("triggered", listed)] if arms else []), about


def test_who_empties_the_cart_line_by_line_after_the_order_and_fills_it_anew_is_reminded_of_what_is_new() -> None:
    shopper = Shopper(ShopSettings(anonymous_carts=True)).does(PAID, E0)
    shopper.does(Removed("default", (Line("p", 0),)), E0 + SECOND).does(Added("default", (Q,)), E0 + MINUTE)
    assert told(shopper.until(E0 + 60 * MINUTE)) == [("triggered", ("q",))]


def test_a_cart_that_loses_an_echo_waits_for_what_is_left_from_its_own_time_on() -> None:
    shopper = Shopper(ShopSettings(anonymous_carts=True)).does(Added("c", (Q,)), E0 + MINUTE)
    shopper.does(Added("c", (P,)), E0 + 3 * MINUTE).does(PAID, E0)
    assert shopper.state("carts").carts[0].armed == E0 + MINUTE
    assert told(shopper.until(E0 + 60 * MINUTE)) == [("triggered", ("q",))]
    assert shopper.ctx.effects.counts["carts_closed"] == 0


def test_a_trigger_that_an_echo_set_off_before_its_order_came_is_cancelled() -> None:
    shopper = Shopper(ShopSettings(anonymous_carts=True)).does(Added("c", (P,)), E0 + MINUTE)
    shopper.until(E0 + 60 * MINUTE).does(PAID, E0)
    assert told(shopper) == [("triggered", ("p",)), ("cancelled", ())]


def test_what_was_reminded_of_is_not_reminded_of_again_once_the_later_change_proves_an_echo() -> None:
    """Of q at minute 1 the shopper was reminded; p at minute 3, told late, was bought by an order told later still."""
    shopper = Shopper(ShopSettings(anonymous_carts=True)).does(Added("c", (Q,)), E0 + MINUTE)
    shopper.until(E0 + 60 * MINUTE).does(Added("c", (P,)), E0 + 3 * MINUTE).does(PAID, E0)
    assert told(shopper.until(E0 + 300 * MINUTE)) == [("triggered", ("q",))]


moments = st.sampled_from([0, 1, 2, 4, 5, 6, 9])
either = st.sampled_from(["", "x"])
named = st.builds(Line, st.sampled_from("pqr"), st.just(1), st.none(), either, either)
carts = st.sampled_from(["", "c", "d"])
orders = st.lists(st.tuples(moments, carts, st.lists(named, max_size=3)), min_size=1, max_size=4)


@given(orders)
def test_the_same_receipts_are_kept_whatever_order_they_come_in(orders: list[tuple[int, str, list[Line]]]) -> None:
    kept = []
    for arrivals in permutations(orders):
        receipts, cleared = list[Receipt](), 0
        for e, cart, lines in arrivals:
            cleared = max(cleared, e)
            receipts = remember(receipts, receipt(e, cart, lines), cleared, 5)
        kept.append(receipts)
    assert all(receipts == kept[0] for receipts in kept)


def test_what_is_remembered_of_orders_is_bounded() -> None:
    shopper = Shopper(ShopSettings())
    for number in range(3 * RECEIPTS):
        lines = tuple(Line(f"{number}-{n}", 1, None, f"v{n}", f"s{number}-{n}") for n in range(number % 50))
        shopper.does(Ordered(f"o{number}", 1, True, f"cart-{number}", lines=lines), E0 + number)
    state: State = shopper.state("carts")
    assert len(state.receipts) == RECEIPTS
    assert sum(1 for each in state.receipts for _ in each.lines()) == LINES
    assert len(codec._encoder.encode(state)) < 900
    shopper.does(Ordered("later", 1, True, lines=(P,)), E0 + 10 * MINUTE)
    assert [each.e for each in shopper.state("carts").receipts] == [E0 + 10 * MINUTE]
