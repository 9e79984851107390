"""The Online Retail sheet: invoices, cancellations, what is left out, and sheets that are wrong."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kairos.errors import ReplayError
from kairos.replay.online_retail import NO_TRADE, NOBODY, OnlineRetail
from models.features import ShopSettings
from models.kernel.events import Line, Ordered, Refunded
from models.kernel.settings import Limits
from tests.kairos.replay.feeds import read, rows, said

LINE: dict[str, Any] = {
    "InvoiceNo": "536365",
    "StockCode": "85123A",
    "Description": "WHITE HANGING HEART",
    "Quantity": 6,
    "InvoiceDate": datetime(2010, 12, 1, 8, 26),  # noqa: DTZ001
    "UnitPrice": 2.55,
    "CustomerID": 17850.0,
    "Country": "United Kingdom",
}
SECOND = LINE | {"StockCode": "22960", "Description": None, "Quantity": 1, "UnitPrice": 0.001}
BOUGHT = Line("85123A", 6)
LATER = {"InvoiceNo": "536366", "InvoiceDate": datetime(2010, 12, 1, 9, 0), "Country": None}  # noqa: DTZ001
BACK = {"InvoiceNo": "C536379", "Quantity": -2, "InvoiceDate": datetime(2010, 12, 1, 9, 41)}  # noqa: DTZ001
CSV = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,"WHITE, HANGING ""HEART"",
AND MORE",6,12/1/2010 8:26,2.55,17850,United Kingdom
C536379,D,Discount,-1,12/1/2010 9:41,27.5,,United Kingdom
"""


def sheet(folder: Path, *lines: dict[str, Any]) -> str:
    file = folder / "retail.parquet"
    pl.DataFrame([LINE | line for line in lines]).write_parquet(file)
    return str(file)


def opened(folder: Path, *lines: dict[str, Any], most: int = 200) -> OnlineRetail:
    return OnlineRetail([sheet(folder, *lines)], ShopSettings(limits=Limits(max_products=most)))


def test_an_invoice_is_an_order_in_the_currency_of_the_shop(tmp_path: Path) -> None:
    products = [
        {"product_id": "85123A", "price": 2.55, "name": "WHITE HANGING HEART", "quantity": 6},
        {"product_id": "22960", "price": 0.001, "quantity": 1},
    ]
    order = {
        "messageId": "536365",
        "event": "Order Completed",
        "userId": "17850",
        "context": {"location": {"country": "United Kingdom"}},
        "properties": {"order_id": "536365", "products": products, "revenue": 15.301},
    }
    assert said(opened(tmp_path, LINE, SECOND)) == [("2010-12-01T08:26Z", order)]


def test_a_cancellation_is_a_refund_of_no_order_in_particular(tmp_path: Path) -> None:
    (_, (_, refund)) = said(opened(tmp_path, {}, BACK))
    assert refund["event"] == "Order Refunded"
    assert refund["properties"] == {
        "refund_id": "C536379",
        "products": [{"product_id": "85123A", "price": 2.55, "name": "WHITE HANGING HEART", "quantity": 2}],
        "revenue": 5.1,
    }


def test_the_engine_takes_it(tmp_path: Path) -> None:
    assert read(opened(tmp_path, {}, SECOND, BACK)) == [
        ("17850", Ordered("536365", 1_530, True, "", lines=(BOUGHT, Line("22960", 1)))),
        ("17850", Refunded("C536379", "", 510)),
    ]


def test_invoices_come_in_the_order_of_time_with_their_lines_wherever_they_are(tmp_path: Path) -> None:
    source = opened(tmp_path, BACK, LATER, {}, LATER | {"CustomerID": 1.0}, LATER)
    assert source.total == 4
    calls = [
        (at[11:16], call["userId"], call["messageId"], len(call["properties"]["products"])) for at, call in said(source)
    ]
    assert calls == [
        ("08:26", "17850", "536365", 1),
        ("09:00", "17850", "536366", 2),
        ("09:00", "1", "536366", 1),
        ("09:41", "17850", "C536379", 1),
    ]


def test_an_invoice_that_took_two_minutes_counts_from_the_first(tmp_path: Path) -> None:
    found = said(opened(tmp_path, {"InvoiceDate": datetime(2010, 12, 1, 8, 27)}, {}))  # noqa: DTZ001
    assert [at for at, _ in found] == ["2010-12-01T08:26Z"]


def test_lines_that_come_twice_count_twice(tmp_path: Path) -> None:
    ((_, order),) = said(opened(tmp_path, {}, {}))
    assert order["properties"]["revenue"] == 30.6


def test_what_is_given_away_is_part_of_the_order(tmp_path: Path) -> None:
    assert read(opened(tmp_path, {"UnitPrice": 0.0})) == [("17850", Ordered("536365", 0, True, "", lines=(BOUGHT,)))]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ({"CustomerID": None}, NOBODY),
        ({"CustomerID": float("nan")}, NOBODY),
        ({"Quantity": -6}, NO_TRADE),
        ({"Quantity": 0}, NO_TRADE),
        ({"UnitPrice": -0.01}, NO_TRADE),
        ({"InvoiceNo": "A563186"}, NO_TRADE),
        ({"InvoiceNo": "C536379"}, NO_TRADE),
    ],
)
def test_what_is_left_out_is_counted(tmp_path: Path, line: dict[str, Any], why: str) -> None:
    source = opened(tmp_path, {}, line)
    assert source.left_out == {NOBODY: 0, NO_TRADE: 0} | {why: 1}
    assert len(rows(source)) == 1


def test_a_long_invoice_lists_what_may_be_listed_and_is_worth_all_of_it(tmp_path: Path) -> None:
    ((_, order),) = said(opened(tmp_path, *({"StockCode": f"p{n}"} for n in range(5)), most=3))
    assert [product["product_id"] for product in order["properties"]["products"]] == ["p0", "p1", "p2"]
    assert order["properties"]["revenue"] == 76.5


def test_the_sheet_as_csv(tmp_path: Path) -> None:
    file = tmp_path / "Online Retail.csv"
    file.write_text(CSV)
    source = OnlineRetail([str(file)], ShopSettings())
    assert source.left_out[NOBODY] == 1
    ((at, order),) = said(source)
    assert (at, order["userId"], order["properties"]["revenue"]) == ("2010-12-01T08:26Z", "17850", 15.3)
    assert order["properties"]["products"][0]["name"] == 'WHITE, HANGING "HEART",\nAND MORE'


@pytest.mark.parametrize(
    ("field", "by", "complaint"),
    [
        (",6,", ",six,", "line 2: column Quantity: 'six', expected whole numbers"),
        ("2.55", "nan", "line 2: column UnitPrice: 'nan', expected numbers"),
        ("12/1/2010 8:26", "2010", "line 2: column InvoiceDate: '2010', expected times without a zone"),
        ("17850", "nobody", "line 2: column CustomerID: 'nobody', expected numbers"),
        (",D,", ",,", "column StockCode: nothing, expected text"),
        ("UnitPrice", "Price", "no column UnitPrice"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, field: str, by: str, complaint: str) -> None:
    file = tmp_path / "Online Retail.csv"
    file.write_text(CSV.replace(field, by, 1))
    with pytest.raises(ReplayError, match=rf"Online Retail\.csv: .*{complaint}"):
        OnlineRetail([str(file)], ShopSettings())


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ({"Quantity": 1.5}, "column Quantity: Float64, expected whole numbers"),
        ({"InvoiceDate": "2010-12-01"}, "column InvoiceDate: String, expected times without a zone"),
        ({"InvoiceNo": 536365}, "column InvoiceNo: Int64, expected text"),
        ({"UnitPrice": None}, "row 1: column UnitPrice: None, expected numbers"),
        ({"UnitPrice": float("inf")}, "row 1: column UnitPrice: inf, expected numbers"),
    ],
)
def test_a_wrong_column_is_named(tmp_path: Path, line: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ReplayError, match=complaint):
        opened(tmp_path, line)


def test_other_files_are_refused(tmp_path: Path) -> None:
    for name, complaint in (("Online Retail.xlsx", "save it as CSV"), ("retail.parquet", "cannot be read")):
        (tmp_path / name).write_bytes(b"PK")
        with pytest.raises(ReplayError, match=complaint):
            OnlineRetail([str(tmp_path / name)], ShopSettings())
    pl.DataFrame({"Invoice": ["1"]}).write_parquet(tmp_path / "retail.parquet")
    with pytest.raises(ReplayError, match="no column Country, CustomerID, Description, InvoiceDate, InvoiceNo"):
        OnlineRetail([str(tmp_path / "retail.parquet")], ShopSettings())
