"""One order is one recovery: which of several reminders it answers, and how the others end."""

from __future__ import annotations

import pytest

from models.carts.cart_trigger import CartTrigger
from models.features import ShopSettings
from models.kernel.events import Added, Line, Ordered
from models.kernel.settings import DAY, HOUR
from tests.acting import PLAIN
from tests.models.shopper import E0, Shopper

SETTINGS = ShopSettings(anonymous_carts=True, **PLAIN)


def reminded() -> Shopper:
    """Of two carts: "a" with p and q an hour before "b" with r, whose sku is s."""
    shopper = Shopper(SETTINGS).does(Added("a", (Line("p", 1), Line("q", 1))), E0)
    return shopper.does(Added("b", (Line("r", 1, None, "red", "s"),)), E0 + HOUR).until(E0 + 2 * HOUR)


def said(shopper: Shopper) -> list[CartTrigger]:
    return [each.output for each in shopper.ctx.effects.outputs if isinstance(each.output, CartTrigger)]


@pytest.mark.parametrize(
    ("order", "answered"),
    [
        (Ordered("o", 1), "b"),  # the last
        (Ordered("o", 1, cart="a"), "a"),  # the one of its cart
        (Ordered("o", 1, cart="c"), "b"),
        (Ordered("o", 1, lines=(Line("p", 1),)), "a"),  # the one with its product
        (Ordered("o", 1, cart="a", lines=(Line("r", 1),)), "b"),  # a product says more than a cart
        (Ordered("o", 1, lines=(Line("s", 1, None, "", "s"),)), "b"),  # by the sku
        (Ordered("o", 1, lines=(Line("p", 1), Line("q", 1), Line("r", 1))), "a"),  # most of them
        (Ordered("o", 1, lines=(Line("p", 1), Line("r", 1))), "b"),  # as many in both: the last
        (Ordered("o", 1, cart="a", lines=(Line("p", 1), Line("r", 1))), "a"),
    ],
)
def test_which_reminder_an_order_answers(order: Ordered, answered: str) -> None:
    shopper = reminded().does(order, E0 + 3 * HOUR)
    first, second, *ends = said(shopper)
    assert [first.kind, second.kind] == ["triggered", "triggered"]
    assert {m.cart_id: m.kind for m in ends} == {"a": "cancelled", "b": "cancelled"} | {answered: "recovered"}
    [other] = [m for m in ends if m.kind == "cancelled"]
    assert other.retract == ((first if other.cart_id == "a" else second).id,)
    assert (other.order_at, other.reason) == (E0 + 3 * HOUR, "ordered: the order is the recovery of another reminder")
    shopper.until(E0 + 30 * DAY)
    assert len(said(shopper)) == 4  # each ended once


def test_an_order_from_before_a_reminder_recovers_the_other_only() -> None:
    shopper = reminded().does(Ordered("o", 1, lines=(Line("r", 1),)), E0 + HOUR + HOUR // 4)  # "b" fired after it
    assert {m.cart_id: (m.kind, m.reason) for m in said(shopper)[2:]} == {
        "a": ("recovered", "ordered after the trigger"),
        "b": ("cancelled", "ordered before the trigger"),
    }


def test_the_next_order_recovers_what_is_reminded_of_next() -> None:
    shopper = reminded().does(Ordered("o", 1), E0 + 3 * HOUR).does(Added("a", (Line("p", 1),)), E0 + 4 * HOUR)
    shopper.does(Ordered("o2", 1), E0 + 5 * HOUR)
    assert [m.kind for m in said(shopper)][4:] == ["triggered", "recovered"]


def test_another_variant_is_no_new_product_and_a_sku_is_its_product() -> None:
    shopper = reminded()
    shopper.does(Added("b", (Line("r", 1, None, "blue", "s2"), Line("s", 1, None, "", "s"))), E0 + 3 * HOUR)
    assert len(said(shopper.until(E0 + 4 * HOUR))) == 2
    shopper.does(Added("b", (Line("x", 1),)), E0 + 5 * HOUR)
    assert len(said(shopper.until(E0 + 6 * HOUR))) == 3
