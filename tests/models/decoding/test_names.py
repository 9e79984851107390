"""The table of names, against the types that are decoded, and against how names are written in the field."""

from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.decoding import segment
from models.decoding.conventions import CONTRACT, CONVENTIONS, GA4, RUDDERSTACK_SHOPIFY, SEGMENT_V1
from models.decoding.names import NAMES, normalised, with_aliases

KNOWN = [name for convention in CONVENTIONS for name in convention.names]
names = st.sampled_from(KNOWN)

PAIRS = {
    "Promotion Viewed": [("promotion", "viewed")],
    "Promotion Clicked": [("promotion", "clicked")],
    "Products Searched": [("products", "searched")],
    "Product List Viewed": [("product list", "viewed"), ("product category", "viewed")],
    "Product Clicked": [("product", "clicked")],
    "Product Viewed": [("product", "viewed")],
    "Product Added": [
        ("product", "added"),
        ("product", "added to cart from wishlist"),
        ("product", "added from wishlist to cart"),
        ("wishlist product", "added to cart"),
    ],
    "Product Removed": [("product", "removed")],
    "Cart Viewed": [("cart", "viewed")],
    "Order Updated": [("order", "updated")],
    "Order Completed": [("order", "completed")],
    "Order Refunded": [("order", "refunded")],
    "Order Cancelled": [("order", "cancelled")],
    "Checkout Started": [
        ("checkout", "started"),
        ("checkout step", "viewed"),
        ("checkout step", "completed"),
        ("payment info", "entered"),
    ],
    "Product Added to Wishlist": [("product", "added to wishlist")],
    "Product Shared": [("product", "shared")],
    "Product Reviewed": [("product", "reviewed")],
}
"""Objects and actions of segmentio/analytics-events, which takes them in either order."""


def test_the_contracts_names_are_those_that_are_decoded() -> None:
    assert set(CONTRACT.names) == {*segment.NAMES, "page"}
    assert {NAMES[normalised(name)].event for name in KNOWN} <= set(CONTRACT.names)
    assert all(NAMES[normalised(name)].event == name for name in CONTRACT.names)


@pytest.mark.parametrize("event", PAIRS)
def test_both_orders_of_words_mean_the_same(event: str) -> None:
    for thing, action in PAIRS[event]:
        assert {NAMES[normalised(words)].event for words in (f"{thing} {action}", f"{action} {thing}")} == {event}


def test_a_name_means_one_event_in_all_conventions() -> None:
    meant = {(normalised(name), c.names[name]) for c in CONVENTIONS for name in c.names}
    assert len(meant) == len(NAMES)


@given(names, st.data())
def test_case_and_separators_make_no_difference(name: str, data: st.DataObject) -> None:
    blank = st.text(" _-\t\u00a0", max_size=3)
    words = [data.draw(st.sampled_from([w, w.upper(), w.title()])) for w in re.split("[ _]", name)]
    written = "".join(data.draw(blank) + word for word in words) + data.draw(blank)
    assert normalised(written) == normalised(name)


@given(st.text())
def test_a_normalised_name_stays_as_it_is(name: str) -> None:
    assert normalised(normalised(name)) == normalised(name)


def test_fields_are_renamed_to_those_of_the_contract() -> None:
    ours = {"product_id", "sku", "name", "category", "variant", "products", "order_id", "cart_id", "refund_id"}
    amounts = {"revenue", "total", "discount"}
    for meaning in NAMES.values():
        assert set(meaning.fields.values()) <= ours | amounts
        assert set(meaning.lines.values()) <= ours
        assert all(theirs == normalised(theirs) for theirs in (*meaning.fields, *meaning.lines))


def test_shopifys_title_is_the_products_name() -> None:
    assert NAMES["cartupdate"] == ("Cart Updated", {}, {"title": "name"})


def test_a_value_is_an_amount_where_something_is_paid() -> None:
    read = {name for name in GA4.names if "value" in NAMES[normalised(name)].fields}
    assert read == {"purchase", "refund"}


def test_an_id_is_the_products_or_the_orders() -> None:
    fields = {name: NAMES[normalised(name)].fields.get("id") for name in SEGMENT_V1.names}
    assert (fields["Added Product"], fields["Completed Order"], fields["Viewed Cart"]) == (
        "product_id",
        "order_id",
        None,
    )
    assert NAMES["completedorder"].lines["id"] == "product_id"


def test_repeats_of_an_order_without_its_id_are_left_out() -> None:
    paid = product(("Order",), ("Paid", "Fulfilled", "Partially Fulfilled", "Edited", "Deleted"))
    assert not {normalised("".join(words)) for words in paid} & set(NAMES)
    assert "Order Created" in RUDDERSTACK_SHOPIFY.names


def test_a_shops_own_name_means_what_it_is_set_to() -> None:
    table = with_aliases({" Kauf ": "Order Completed", "In den Warenkorb": "add_to_cart", "purchase": "Order Updated"})
    assert table["kauf"] == NAMES["ordercompleted"]
    assert table["indenwarenkorb"].fields["itemid"] == "product_id"
    assert table["purchase"].event == "Order Updated"
    assert NAMES["purchase"].event == "Order Completed"


def test_an_unknown_target_is_an_error_that_names_the_closest() -> None:
    with pytest.raises(ValueError, match=r"'Product Added to Basket' \(for 'Korb'\) .* Product Added"):
        with_aliases({"Korb": "Product Added to Basket"})
    with pytest.raises(ValueError, match=r"is not known$"):
        with_aliases({"Korb": "xyz"})
