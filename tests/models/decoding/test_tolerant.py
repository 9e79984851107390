"""The tolerant reading: what is coerced, what is ignored, which of several faults is named, what is left of a record.

Of good messages it says what the fast path says.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.decoding.consent import ConsentReader
from models.decoding.decoder import Decoder
from models.decoding.fields import FIELDS
from models.decoding.limits import LimitChecker
from models.decoding.names import Naming
from models.decoding.normalize import Normalizer
from models.decoding.rejections import PRECEDENCE
from models.decoding.tolerant import TolerantReader
from models.features import ShopSettings
from models.kernel.events import Added, Amended, Browsed, Cancelled, Event, Line, Ordered, Refunded, Removed, Replaced
from models.kernel.record import NO_TIME
from tests.models.messages import ABSENT, LINE, LONG, SETTINGS, E, code, message, order, read, track
from tests.models.spoiled import calls

TOLERANT = TolerantReader(
    Normalizer(LimitChecker(SETTINGS, tolerant=True), ConsentReader(SETTINGS.consent_categories)), Naming()
)


@given(calls())
def test_the_tolerant_reading_agrees_with_the_fast_path(value: bytes) -> None:
    for recorded in (E, E - 10**7, -1):
        assert TOLERANT.read(value, recorded) == read(value, recorded)


@pytest.mark.parametrize("type_", ["track", 5, [], None, "kairos.tick"])
def test_the_type_of_a_known_name_is_not_looked_at(type_: object) -> None:
    value = message("Product Viewed", type=type_)
    assert TOLERANT.read(value, E) == read(value) == read(message("Product Viewed"))


BUY: dict[str, Any] = {"order_id": "o", "revenue": 42}
BOUGHT = Ordered("o", 4200, True)
WEIGHED = {"product_id": "p", "price": 2.675, "quantity": 1.5}

READ: list[tuple[bytes, Event, set[str]]] = [
    (track("Product Added", product_id=771, price="59.90", quantity="2"),
     Added("default", (Line("771", 2, 5990),)),
     {"coerced:product_id:number", "coerced:price:text", "coerced:quantity:text"}),
    (track("Product Added", product_id="p", price="", quantity=[]), Added("default", (Line("p", 1),)),
     {"coerced:price:blank", "coerced:quantity:empty_list"}),
    (track("Product Added", **WEIGHED), Added("default", (Line("p", 1, 401),)), {"coerced:quantity:weight"}),
    (track("Product Added", products=[LINE, {"sku": "s"}]),
     Added("default", (Line("p", 1, 100), Line("s", 1, None, "", "s"))), set()),
    (track("Product Added", products=LINE), Added("default", (Line("p", 1, 100),)), {"coerced:products:single"}),
    (track("Product Added", products={"0": LINE, "1": {"name": "n"}}),
     Added("default", (Line("p", 1, 100), Line("n", 1))), {"coerced:products:numbered"}),
    *((track("Product Added", product_id="p", price=wrong), Added("default", (Line("p", 1),)),
       {"ignored:price:wrong_type"}) for wrong in (-0.01, True, {}, "free", "1,50", [1])),
    (track("Product Added", product_id="p", price=1e14), Added("default", (Line("p", 1),)),
     {"ignored:price:wrong_type"}),
    *((track("Product Added", product_id="p", price=1, currency=wrong), Added("default", (Line("p", 1),)),
       {"ignored:currency:unknown_currency"}) for wrong in ("EUR", "euro")),
    (track("Product Added", product_id="p", price=1, currency={}), Added("default", (Line("p", 1, 100),)),
     {"ignored:currency:wrong_type"}),
    (track("Product Added", product_id={}, name="n", category=["a", "b"]),
     Added("default", (Line("n", 1),), "a"), {"ignored:product_id:wrong_type", "coerced:category:first"}),
    (track("Product Added", product_id="p", cart_id=9917), Added("9917", (Line("p", 1),)),
     {"coerced:cart_id:number"}),
    (track("Product Added", product_id="p", cart_id="undefined"), Added("default", (Line("p", 1),)), set()),
    (track("Product Removed", sku="s", quantity=0), Removed("default", (Line("s", 0, None, "", "s"),)), set()),
    (track("Cart Updated", products=LINE | {"price": "1.00"}, cart_id="c"), Replaced("c", (Line("p", 1, 100),)),
     {"coerced:products:single", "coerced:price:text"}),
    (track("Cart Updated", products=[LINE], currency="EUR"), Replaced("default", (Line("p", 1),)),
     {"ignored:currency:unknown_currency"}),
    (track("Cart Updated", products={}), Replaced("default", ()), {"coerced:products:single"}),
    (track("Order Completed", **BUY, discount=-5), Ordered("o", 4200, True, "", True), {"coerced:discount:negative"}),
    (track("Order Completed", **BUY, discount="0.00", coupon=""), BOUGHT, {"coerced:discount:text"}),
    (track("Order Completed", **BUY, discount={}), BOUGHT, {"ignored:discount:wrong_type"}),
    (track("Order Completed", **BUY, coupon=["SPRING", "VIP"]), Ordered("o", 4200, True, "", True),
     {"coerced:coupon:first"}),
    (track("Order Completed", **BUY, coupon={"code": 1}), BOUGHT, {"ignored:coupon:wrong_type"}),
    (track("Order Completed", order_id=10452, revenue="45.50"), Ordered("10452", 4550, True),
     {"coerced:order_id:number", "coerced:revenue:text"}),
    (track("Order Completed", order_id="o", revenue="", total=" 52.00 "), Ordered("o", 5200, True),
     {"coerced:revenue:blank", "coerced:total:text"}),
    *((track("Order Completed", **BUY, products=wrong), BOUGHT, {f"ignored:products:{why}"}) for wrong, why in (
        ([LINE, LINE | {"price": -5}], "wrong_type"), ([LINE | {"quantity": -1}], "wrong_type"),
        ([LINE | {"quantity": 10**16}], "absurd_quantity"), ([LINE] * 201, "too_large"), (["p"], "wrong_type"),
        (5, "wrong_type"))),
    (track("Order Completed", **BUY, products=[]), BOUGHT, set()),
    (track("Order Completed", **BUY, cart_id={}), BOUGHT, {"ignored:cart_id:wrong_type"}),
    (track("Order Completed", **BUY, cart_id=LONG), BOUGHT, {"ignored:cart_id:too_large"}),
    (track("Order Completed", order_id="o", products=[LINE | {"price": "80.00", "quantity": "2"}]),
     Ordered("o", 16000, lines=(Line("p", 2),)), {"coerced:price:text", "coerced:quantity:text"}),
    (track("Order Completed", order_id="o", products=[WEIGHED]), Ordered("o", 401, lines=(Line("p", 1),)),
     {"coerced:quantity:weight"}),
    (track("Order Completed", orderId="o", Revenue=42), BOUGHT, set()),
    (track("Order Updated", order_id=7, total="5"), Amended("7", 500, True),
     {"coerced:order_id:number", "coerced:total:text"}),
    (track("Order Refunded", order_id="o"), Refunded("", "o"), set()),
    (track("Order Refunded", order_id="o", total="30.00"), Refunded("", "o", 3000), {"coerced:total:text"}),
    (track("Order Refunded", order_id="o", products=[LINE | {"price": 30}]), Refunded("", "o", 3000), set()),
    (track("Order Refunded", order_id="o", total=5, products=5), Refunded("", "o", 500),
     {"ignored:products:wrong_type"}),
    (track("Order Cancelled", order_id=7), Cancelled("7"), {"coerced:order_id:number"}),
    (message("Product Viewed", properties=[]), Browsed(), {"coerced:properties:empty_list"}),
    (message("Product Viewed", properties="x"), Browsed(), {"ignored:properties:wrong_type"}),
    (message(None, type="page", properties=[], context=[]), Browsed(), {"coerced:properties:empty_list"}),
    (track("Product Viewed", product_id=5, category={}), Browsed("", 0, "5"),
     {"coerced:product_id:number", "ignored:category:wrong_type"}),
    (track("Product Viewed", category="?").replace(b"?", b"\xc3\x28"), Browsed(), {"ignored:category:not_json"}),
    (message("Product Viewed", receivedAt=5, sentAt="x"), Browsed(),
     {"ignored:receivedAt:wrong_type", "ignored:sentAt:wrong_type"}),
    (message("Product Viewed", messageId={}), Browsed(), {"ignored:messageId:wrong_type"}),
    (message("Product Viewed", messageId=LONG), Browsed(), {"ignored:messageId:too_large"}),
    (message("Product Viewed", anonymousId={}), Browsed(), set()),
]  # fmt: skip


@pytest.mark.parametrize(("value", "event", "notes"), READ)
def test_what_is_coerced_and_what_is_ignored(value: bytes, event: Event, notes: set[str]) -> None:
    record = read(value)
    assert (record.event, record.rejected, set(record.notes), record.e) == (event, None, notes, E)


def test_a_rating_may_be_text() -> None:
    assert getattr(read(track("Product Reviewed", rating="4.5")).event, "rating", None) == 4.5
    assert read(track("Product Reviewed", rating="good")).notes == ("ignored:rating:wrong_type",)


@pytest.mark.parametrize(
    ("top", "shopper"),
    [
        ({"userId": 5}, "5"),
        ({"userId": 5.0}, "5"),
        ({"userId": []}, "a9"),
        *(
            ({"userId": nobody}, "a9")
            for nobody in ("undefined", "NULL", "None", "NaN", "0", 0, " ", "Guest", "anonymous", "[object Object]")
        ),
        ({"userId": "00000000-0000-0000-0000-000000000000"}, "a9"),
        ({"userId": "{00000000-0000-0000-0000-000000000000}"}, "a9"),
        ({"userId": "guest-7"}, "guest-7"),
        ({"userId": ABSENT, "anonymousId": ABSENT, "user_id": "u1"}, "u1"),
        ({"userId": ABSENT, "anonymousId": "undefined", "anonymous_id": "x"}, ""),
    ],
)
def test_who(top: dict[str, Any], shopper: str) -> None:
    record = read(message(**top))
    assert record.shopper == shopper
    assert code(record) == (None if shopper else "missing_id")


def test_a_message_id_that_is_nobodys_recognises_no_message() -> None:
    for nobody in ("undefined", "null", 0, "00000000-0000-0000-0000-000000000000"):
        one, other = (read(message(messageId=nobody, userId=user)) for user in ("u1", "u2"))
        assert one.message != other.message


def test_the_ids_that_stand_for_nobody_are_a_setting() -> None:
    reader = Decoder(ShopSettings(nobody=("Gast",)))
    assert [reader.read(message(userId=name), E).shopper for name in ("gast", "guest", "0")] == ["a9", "guest", "a9"]


NAMES = ["Order Completed", "order completed", "ORDER_COMPLETED", " order-completed ", "orderCompleted"]
NAMES += ["Completed Order"]


@pytest.mark.parametrize("name", NAMES)
def test_names_in_any_dress(name: str) -> None:
    assert read(track(name, **BUY)).event == BOUGHT


def test_names_of_other_conventions() -> None:
    items = [{"item_id": "s", "item_name": "Shoe", "item_category": "shoes", "price": 21, "quantity": 2}]
    purchase = track("purchase", transaction_id="T-1", value=42, currency="CNY", items=items, tax=3)
    assert read(purchase).event == Ordered("T-1", 4200, True, lines=(Line("s", 2),))
    assert read(track("add_to_cart", value=42, items=items)).event == Added("default", (Line("s", 2, 2100),))
    assert read(track("remove_from_cart", items=items)).event == Removed("default", (Line("s", 2, 2100),))
    assert read(track("refund", transaction_id="T-1")).event == Refunded("", "T-1")
    assert read(track("Wishlist Product Added to Cart", product_id="p")).event == Added("default", (Line("p", 1),))
    assert read(message(None, type="screen")).event == Browsed()


def test_a_shops_own_names() -> None:
    own = (("Kauf abgeschlossen", "Order Completed"), ("Kasse", "purchase"))
    reader = Decoder(ShopSettings(currency="CNY", names=own))
    assert reader.read(track("kauf_abgeschlossen", **BUY), E).event == BOUGHT
    assert reader.read(track("Kasse", transaction_id="o", value=42), E).event == BOUGHT
    with pytest.raises(ValueError, match="Order Completed"):
        Decoder(ShopSettings(names=(("Kauf", "Order Complete"),)))


@pytest.mark.parametrize(
    ("top", "e", "clamped"),
    [
        ({"receivedAt": "2026-11-20T10:15:00.000Z"}, E - 86_400_000, True),
        ({"sentAt": "2026-11-20T10:15:00.000Z"}, E - 86_400_000, True),
        ({"receivedAt": "2026-11-20T10:15:00Z", "sentAt": "2020-01-01T00:00:00Z"}, E - 86_400_000, True),
        ({"receivedAt": "2026-11-21T10:10:00Z"}, E, False),
        ({"receivedAt": "2027-01-01T00:00:00Z"}, E, False),
        ({"receivedAt": "1970-01-01T00:00:00Z"}, E, False),
        ({"receivedAt": "2026-11-20T10:15:00"}, E - 86_400_000, True),
    ],
)
def test_nothing_happens_after_it_was_received(top: dict[str, Any], e: int, clamped: bool) -> None:
    for recorded in (-1, E):
        record = read(message(**top), recorded)
        assert (record.e, record.clamped) == (e, clamped)


FAULTS: dict[str, dict[str, Any]] = {
    "bad_timestamp": {"timestamp": "x"},
    "missing_id": {"userId": None, "anonymousId": None},
    "too_large": {"order_id": LONG},
    "wrong_type": {"revenue": "x"},
    "absurd_quantity": {"quantity": 10**16},
    "unknown_currency": {"currency": "EUR"},
}


@pytest.mark.parametrize("first", range(len(FAULTS)))
def test_the_first_by_precedence_names_the_record(first: int) -> None:
    """All faults from one on together: the one that stands first in the contract wins."""
    assert [name for name in PRECEDENCE if name in FAULTS] == list(FAULTS)
    top: dict[str, Any] = {}
    for name in list(FAULTS)[first:]:
        top.update(FAULTS[name])
    properties = {"order_id": top.pop("order_id", "o"), "revenue": top.pop("revenue", None)}
    properties |= {"currency": top.pop("currency"), "products": [{"price": 1, "quantity": top.pop("quantity", 1)}]}
    assert code(read(message("Order Completed", **top, properties=properties))) == list(FAULTS)[first]


def test_what_is_left_of_a_rejected_record() -> None:
    late = read(message(timestamp="x"))
    assert (late.e, late.shopper, late.identified) == (NO_TIME, "u42", True)
    nobody = read(message(userId={}))
    assert (nobody.e, nobody.shopper, nobody.identified) == (E, "", False)
    guest = read(track("Product Added", quantity=-1).replace(b'"userId": "u42", ', b""))
    assert (guest.e, guest.shopper, guest.identified, guest.role) == (E, "a9", False, 1)


def test_the_detail_says_what_is_wrong_where() -> None:
    details = {
        track("Cart Updated", products=[LINE, LINE | {"quantity": -1}]): "quantity",
        message(userId={}): "userId",
        message(timestamp=ABSENT): "timestamp is missing",
        message(timestamp="1970-01-01T00:00:00Z"): "before 1990",
        order(order_id=""): "order_id is missing",
        order(revenue=1, currency="EUR"): "'EUR' on 2026-11-21",
        track("Product Added", quantity=10**16): "100000",
    }
    for value, text in details.items():
        rejected = read(value).rejected
        assert rejected is not None
        assert text in rejected.detail
        assert len(rejected.detail) < 200


WRONG: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 2.5, 10**16, "", "x", [], ["x", 5], {}, {"a": 1}, "é" * 300, "EUR"]
)
SIDE = sorted(
    name for name, field in FIELDS.items() if field.wrong == "ignored" and "." not in name and not name.endswith("Id")
)
CLASHING = {"price", "currency", "product_id", "sku", "name", "variant", "cart_id"}
"""Side fields that say something of a cart's lines, each by itself."""


@given(st.dictionaries(st.sampled_from([name for name in SIDE if name != "cart_id"]), WRONG), WRONG, WRONG)
def test_no_side_field_changes_what_an_order_comes_to(side: dict[str, Any], context: Any, brand: Any) -> None:
    side.pop("currency", None)
    record = read(message("Order Completed", context=context, properties=BUY | side | {"brand": brand}))
    assert record.rejected is None
    assert isinstance(record.event, Ordered)
    assert (record.event.order, record.event.amount, record.event.stated) == ("o", 4200, True)


@given(st.dictionaries(st.sampled_from([name for name in SIDE if name not in CLASHING]), WRONG), WRONG)
def test_no_side_field_changes_what_is_in_a_cart(side: dict[str, Any], context: Any) -> None:
    properties = {"product_id": "p", "price": 2.5, "quantity": 2, "cart_id": "c"}
    record = read(message("Product Added", context=context, properties=side | properties))
    assert record.rejected is None
    assert isinstance(record.event, Added)
    assert (record.event.cart, record.event.lines) == ("c", (Line("p", 2, 250),))


@given(st.decimals(0, 10**6, places=2), st.integers(1, 99), st.sampled_from(NAMES[:-1]), st.booleans())
def test_numbers_as_text_and_names_in_any_case_say_the_same(
    price: Decimal, quantity: int, name: str, whole: bool
) -> None:
    line = {"product_id": "p", "price": float(price), "quantity": quantity}
    text = {"product_id": "p", "price": str(price), "quantity": f"{quantity}.0" if whole else str(quantity)}
    tidy, untidy = order(products=[line]), message(name, properties={"order_id": "o", "products": [text]})
    assert read(untidy).event == read(tidy).event
    assert json.loads(untidy)["event"] == name
    assert (
        read(message(name, properties={"order_id": "o", "total": str(price)})).event
        == read(order(total=float(price))).event
    )


@given(calls())
def test_notes_are_names_of_counters(value: bytes) -> None:
    for note in read(value).notes:
        group, field, what = note.split(":")
        assert group in ("coerced", "ignored")
        assert field in {*FIELDS, "properties", "products", "receivedAt", "sentAt", "event", "type"}
        assert what.isidentifier()
