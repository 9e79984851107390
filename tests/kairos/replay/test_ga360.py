"""The mapping of the ga360 export, row by row, against messages written by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kairos.errors import ReplayError
from kairos.replay.ga360 import Ga360
from models.decoding.decoder import Decoder
from models.features import ShopSettings
from models.kernel.events import CART, CLICKSTREAM, ORDER

PRODUCT = {"sku": "p1", "name": 'Mug "XL"', "cat": "Home/Mugs/", "price": 7.5, "qty": 2, "rev": None}
UNNAMED = {**PRODUCT, "sku": "p2", "cat": "(not set)", "qty": None}
HIT: dict[str, Any] = {
    "ts": 1_470_035_066_007,
    "visitor": "042",
    "visitId": 1_470_035_066,
    "hit": 3,
    "event": "page",
    "page": "/home",
    "step": 1,
    "txid": None,
    "revenue": None,
    "products": [],
    "channel": "Social",
    "dev": "mobile",
    "country": "Peru",
}
SCHEMA = {
    "ts": pl.Int64,
    "visitId": pl.Int64,
    "txid": pl.String,
    "revenue": pl.Float64,
    "products": pl.List(
        pl.Struct(
            {
                "sku": pl.String,
                "name": pl.String,
                "cat": pl.String,
                "price": pl.Float64,
                "qty": pl.Int64,
                "rev": pl.Float64,
            }
        )
    ),
}
COMMON = {
    "messageId": "042-1470035066-3",
    "userId": "042",
    "timestamp": "2016-08-01T07:04:26.007Z",
    "context": {"device": {"type": "mobile"}, "campaign": {"medium": "Social"}, "location": {"country": "Peru"}},
}


def export(folder: Path, *hits: dict[str, Any], name: str = "events.parquet") -> str:
    file = folder / name
    pl.DataFrame([HIT | hit for hit in hits], schema_overrides=SCHEMA).write_parquet(file)
    return str(file)


def mapped(folder: Path, **hit: Any) -> tuple[int, dict[str, Any]]:
    ((row,),) = Ga360([export(folder, hit)])
    e, role, key, value = row
    assert (e, key) == (1_470_035_066_007, b"042")
    message = json.loads(value)
    assert {name: message.pop(name) for name in COMMON} == COMMON
    assert b": " not in value.replace(b'": "', b"")
    return role, message


def test_page(tmp_path: Path) -> None:
    assert mapped(tmp_path) == (CLICKSTREAM, {"type": "page", "properties": {"path": "/home"}})


@pytest.mark.parametrize(
    ("event", "role", "name"),
    [
        ("click_item", CLICKSTREAM, "Product Clicked"),
        ("view_item", CLICKSTREAM, "Product Viewed"),
        ("add_to_cart", CART, "Product Added"),
        ("remove_from_cart", CART, "Product Removed"),
    ],
)
def test_one_product(tmp_path: Path, event: str, role: int, name: str) -> None:
    said = {
        "product_id": "p1",
        "name": 'Mug "XL"',
        "category": "Home/Mugs/",
        "price": 7.5,
        "quantity": 2,
        "currency": "USD",
    }
    assert mapped(tmp_path, event=event, products=[PRODUCT]) == (
        role,
        {"type": "track", "event": name, "properties": said},
    )


def test_what_is_not_set_is_left_out(tmp_path: Path) -> None:
    _, message = mapped(tmp_path, event="add_to_cart", products=[UNNAMED])
    assert message["properties"] == {"product_id": "p2", "name": 'Mug "XL"', "price": 7.5, "currency": "USD"}


@pytest.mark.parametrize("step", [1, 2, 3])
def test_checkout_of_any_step(tmp_path: Path, step: int) -> None:
    said = {"type": "track", "event": "Checkout Started"}
    assert mapped(tmp_path, event="checkout", step=step, products=[PRODUCT, UNNAMED]) == (CART, said)


def test_purchase(tmp_path: Path) -> None:
    role, message = mapped(tmp_path, event="purchase", txid="T1", revenue=21.5, products=[PRODUCT, UNNAMED])
    assert role == ORDER
    assert message == {
        "type": "track",
        "event": "Order Completed",
        "properties": {
            "order_id": "T1",
            "revenue": 21.5,
            "currency": "USD",
            "products": [{"product_id": "p1", "price": 7.5, "quantity": 2}, {"product_id": "p2", "price": 7.5}],
        },
    }


def test_purchase_that_states_no_revenue(tmp_path: Path) -> None:
    _, message = mapped(tmp_path, event="purchase", txid="T1", products=[PRODUCT])
    assert "revenue" not in message["properties"]


def test_the_engine_takes_every_kind(tmp_path: Path) -> None:
    kinds = ["page", "click_item", "view_item", "add_to_cart", "remove_from_cart", "checkout", "purchase"]
    file = export(tmp_path, *({"event": kind, "txid": "T1", "products": [UNNAMED]} for kind in kinds))
    reader = Decoder(ShopSettings())
    for row in (row for rows in Ga360([file]) for row in rows):
        reading = reader.read(row[3], recorded=-1)
        assert reading.rejected is None
        assert (reading.e, reading.role, reading.shopper.encode()) == row[:3]


def test_several_files_come_one_after_the_other(tmp_path: Path) -> None:
    first = export(tmp_path, {"hit": 1}, {"hit": 2}, name="a.parquet")
    source = Ga360([first, export(tmp_path, {"hit": 3}, name="b.parquet")])
    assert source.total == 3
    assert [json.loads(row[3])["messageId"][-1] for rows in source for row in rows] == ["1", "2", "3"]


def test_a_context_that_is_not_known_is_left_out(tmp_path: Path) -> None:
    ((row,),) = Ga360([export(tmp_path, {"channel": None, "dev": "", "country": "Peru"})])
    assert json.loads(row[3])["context"] == {"location": {"country": "Peru"}}


def test_what_is_no_such_export_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match=r"none\.parquet: no such file"):
        Ga360([str(tmp_path / "none.parquet")])
    (tmp_path / "text.parquet").write_text("hello")
    with pytest.raises(ReplayError, match=r"text\.parquet: cannot be read"):
        Ga360([str(tmp_path / "text.parquet")])
    pl.DataFrame({"ts": [1]}).write_parquet(tmp_path / "other.parquet")
    with pytest.raises(ReplayError, match=r"no column .*visitor"):
        Ga360([str(tmp_path / "other.parquet")])


@pytest.mark.parametrize(
    ("hit", "complaint"),
    [
        ({"event": "wish"}, "hit 042-1470035066-3: column event: unknown event 'wish'"),
        ({"event": "view_item"}, "hit 042-1470035066-3: column products: not what comes with 'view_item'"),
        ({"event": "purchase", "products": None}, "column products: not what comes with 'purchase'"),
        ({"visitId": None}, "row 2: column visitId: None, expected whole numbers"),
    ],
)
def test_a_hit_that_says_what_none_says(tmp_path: Path, hit: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ReplayError, match=complaint):
        list(Ga360([export(tmp_path, {}, hit)]))


@pytest.mark.parametrize(
    ("column", "values", "complaint"),
    [
        ("ts", ["2016-08-01"], "column ts: String, expected whole numbers"),
        ("event", [7], "column event: Int64, expected text"),
        (
            "products",
            [[{"sku": "p1"}]],
            r"column products: List\(Struct\(.*expected lists of sku",
        ),
    ],
)
def test_a_column_of_another_kind_is_named(tmp_path: Path, column: str, values: list[Any], complaint: str) -> None:
    file = export(tmp_path, {})
    pl.read_parquet(file).with_columns(pl.Series(column, values)).write_parquet(file)
    with pytest.raises(ReplayError, match=complaint):
        Ga360([file])
