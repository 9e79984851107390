"""What is in a cart after additions and removals that name its lines in different ways, worked by hand."""

from __future__ import annotations

import pytest

from models.carts.basket import Basket
from models.carts.naming import Parts
from models.features import ShopSettings
from models.kernel.events import Added, Line, Removed, Replaced
from models.kernel.settings import MINUTE
from tests.models.shopper import E0, Shopper

RED, BLUE = Line("p1", 2, 500, "red", "s-red"), Line("p1", 1, 500, "blue", "s-blue")
BARE, OTHER = Line("p1", 1), Line("p2", 1, None, "red")


def held(*events: Added | Removed | Replaced) -> dict[Parts, int]:
    """Lines of the cart "c" after these events, a minute apart."""
    shopper = Shopper(ShopSettings())
    for number, event in enumerate(events):
        shopper.does(event, E0 + number * MINUTE)
    basket: Basket = shopper.state("carts").carts[0].basket
    return basket.contents().quantities


CASES: list[tuple[Line, dict[Parts, int]]] = [
    (Line("p1", 1, None, "red"), {("p1", "red", "s-red"): 1}),
    (Line("p1", 1, None, "", "s-red"), {("p1", "red", "s-red"): 1}),
    (Line("s-red", 1, None, "", "s-red"), {("p1", "red", "s-red"): 1}),  # by sku alone
    (Line("s-red", 0, None, "", "s-red"), {("p1", "red", "s-red"): 0}),  # all of it
    (Line("p1", 0), {("p1", "", ""): 0, ("p1", "blue", "s-blue"): 0, ("p1", "red", "s-red"): 0}),
    (Line("p1", 1), {("p1", "", ""): 0}),  # the line with these very parts first
    (Line("p1", 2), {("p1", "", ""): 0, ("p1", "blue", "s-blue"): 0}),  # then the others in the order of their parts
    (Line("p1", 3), {("p1", "", ""): 0, ("p1", "blue", "s-blue"): 0, ("p1", "red", "s-red"): 1}),
    (Line("p1", 99, None, "blue"), {("p1", "", ""): 0, ("p1", "blue", "s-blue"): 0}),  # BARE is not said to be another
    (Line("p1", 1, None, "green", "s-green"), {("p1", "", ""): 0}),
    (Line("p1", 1, None, "red", "s-blue"), {("p1", "", ""): 0}),  # both others differ in something
    (Line("p1", 2, None, "", "s-blue"), {("p1", "blue", "s-blue"): 0, ("p1", "", ""): 0}),  # first that with the sku
    (Line("", 0, None, "red"), {("p1", "red", "s-red"): 0, ("p2", "red", ""): 0}),
    (Line("p3", 0), {}),
    (Line("", 0), {}),
]


@pytest.mark.parametrize(("removed", "changed"), CASES)
def test_a_removal_takes_the_lines_that_it_names(removed: Line, changed: dict[Parts, int]) -> None:
    full = {("p1", "red", "s-red"): 2, ("p1", "blue", "s-blue"): 1, ("p1", "", ""): 1, ("p2", "red", ""): 1}
    added = Added("c", (RED, BLUE, BARE, OTHER))
    assert held(added) == full
    assert held(added, Removed("c", (removed,))) == {line: n for line, n in (full | changed).items() if n}


def test_a_product_known_by_its_sku_is_taken_by_the_product_of_that_sku() -> None:
    by_sku = Added("c", (Line("s1", 1, None, "", "s1"),))
    assert held(by_sku, Removed("c", (Line("p1", 1, None, "", "s1"),))) == {}
    assert held(by_sku, Removed("c", (Line("p1", 1, None, "", "s2"),))) == {("s1", "", "s1"): 1}


def test_lines_of_one_message_that_state_the_same_are_one() -> None:
    shopper = Shopper(ShopSettings()).does(Added("c", (Line("p", 1, 500), Line("q", 1), Line("p", 2))), E0)
    [cart] = shopper.state("carts").carts
    assert cart.basket.contents().lines() == [Line("p", 3, 500), Line("q", 1)]
    everything = Removed("c", (Line("p", 1), Line("p", 0)))
    assert held(Added("c", (Line("p", 9),)), everything) == {}
    assert held(Replaced("c", (Line("p", 1), Line("q", 0), Line("p", 1)))) == {("p", "", ""): 2}


def test_an_addition_of_more_lines_than_a_cart_keeps_one_by_one_is_taken_whole_and_once() -> None:
    many = Added("c", tuple(Line(f"p{n:03}", 1) for n in range(100)))
    assert len(held(many)) == 100
    assert held(many, Removed("c", (Line("p050", 1),))).keys() == {(f"p{n:03}", "", "") for n in range(100) if n != 50}
