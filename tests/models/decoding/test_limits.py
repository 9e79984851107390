"""Limits: strings are cut and counted, and every limit is the shop's setting."""

from __future__ import annotations

from models.decoding.decoder import Decoder
from models.features import ShopSettings
from models.kernel.events import Added, Browsed, Line, Reviewed, Unrecognised
from models.kernel.settings import Limits
from tests.models.messages import BOUND, LINE, E, code, message, order, read, track


def test_long_strings_are_cut_and_counted() -> None:
    long = "é" * 201
    cut = "é" * 200
    added = read(track("Product Added", product_id=long, category=long))
    assert (added.event, added.cut) == (Added("default", (Line(cut, 1),), cut), 2)
    assert (read(track("Product Viewed", category=cut)).event, read(track("Product Viewed")).cut) == (
        Browsed(cut, 2),
        0,
    )
    unknown = read(message(long))
    assert (unknown.event, unknown.cut) == (Unrecognised(cut), 1)
    assert read(track("Cart Updated", products=[{"name": long}] * 3)).cut == 3
    assert read(track("Product Added", product_id=long, cart_id=5)).cut == 0
    assert read(track("Product Added", product_id="p")).cut == 0


def test_the_limits_are_settings() -> None:
    limits = Limits(
        max_skew=5, max_quantity=3, max_id_bytes=8, max_products=1, max_message_bytes=400, max_string=2, max_review=3
    )
    reader = Decoder(ShopSettings(limits=limits))
    assert reader.read(message(), E - 6).clamped
    assert not reader.read(message(), E - 5).clamped
    assert code(reader.read(message(userId="x" * 9), E)) == "too_large"
    assert code(reader.read(message(pad="x" * 200), E)) == "too_large"
    assert code(reader.read(track("Product Added", quantity=4), E)) == "absurd_quantity"
    assert code(reader.read(track("Cart Updated", products=[{}, {}]), E)) == "too_large"
    assert reader.read(track("Product Viewed", category="abc"), E).event == Browsed("ab", 2)
    review = reader.read(track("Product Reviewed", review_body="good!", lang="en"), E)
    assert (review.event, review.cut) == (Reviewed(lang="en", text="goo"), 1)


def test_at_the_bounds_all_is_well() -> None:
    for value in (
        message(userId=BOUND, anonymousId=BOUND, messageId=BOUND),
        track("Product Added", cart_id=BOUND, quantity=100_000),
        track("Product Removed", quantity=100_000.0),
        track("Cart Updated", products=[LINE | {"quantity": 100_000}] * 200, cart_id=BOUND),
        order(order_id=BOUND, cart_id=BOUND, products=[LINE] * 200),
        message(pad="x" * (256 * 1024 - len(message(pad="")))),
        message(x=1).replace(b": 1", b": " + b"[" * 255 + b"]" * 255),
    ):
        assert read(value).rejected is None
