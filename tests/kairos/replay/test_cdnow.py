"""The CDNOW files: days of purchases, and lines that are wrong."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from kairos.errors import ReplayError
from kairos.replay.cdnow import Cdnow
from models.kernel.events import Line, Ordered
from tests.kairos.replay.feeds import read, said

MASTER = b""" customer_id  date number_of_cds  dollar_value\r
 00001 19970101  1   11.77\r
 00002 19970112  1   12.00\r
 00002 19970112  5   77.10\r
 00003 19970102  2    0.00\r
 00001 19970102  2   20.76\r
"""
SAMPLE = b""" 00004 0001 19970101  2   29.33\r
 00021 0002 19970101  3   63.34\r
"""


def file(folder: Path, content: bytes) -> str:
    (folder / "CDNOW.txt").write_bytes(content)
    return str(folder / "CDNOW.txt")


def order(user: str, date: str, cds: int, dollars: float) -> dict[str, object]:
    ident, products = f"{user}-{date}", [{"name": "CD", "quantity": cds}]
    properties = {"order_id": ident, "products": products, "revenue": dollars, "currency": "USD"}
    return {"messageId": ident, "event": "Order Completed", "userId": user, "properties": properties}


def test_all_of_a_customer_and_a_day_is_one_order_at_noon(tmp_path: Path) -> None:
    source = Cdnow([file(tmp_path, MASTER)])
    assert source.total == 4
    assert said(source) == [
        ("1997-01-01T12:00Z", order("00001", "19970101", 1, 11.77)),
        ("1997-01-02T12:00Z", order("00003", "19970102", 2, 0.0)),
        ("1997-01-02T12:00Z", order("00001", "19970102", 2, 20.76)),
        ("1997-01-12T12:00Z", order("00002", "19970112", 6, 89.1)),
    ]


def test_the_engine_takes_it(tmp_path: Path) -> None:
    ordered = Ordered("00002-19970112", 8_910, True, "", lines=(Line("CD", 6),))
    assert ("00002", ordered) in read(Cdnow([file(tmp_path, MASTER)]))


def test_the_sample_goes_by_the_id_of_the_master(tmp_path: Path) -> None:
    assert [call for _, call in said(Cdnow([file(tmp_path, SAMPLE)]))] == [
        order("00004", "19970101", 2, 29.33),
        order("00021", "19970101", 3, 63.34),
    ]


def test_packed_and_in_several_files(tmp_path: Path) -> None:
    packed = tmp_path / "CDNOW_master.txt.gz"
    packed.write_bytes(gzip.compress(MASTER))
    assert len(said(Cdnow([str(packed), file(tmp_path, SAMPLE)]))) == 6


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"00001 19970101 1", "line 3: 3 columns, expected customer_id, date, number_of_cds, dollar_value"),
        (b"00001 1 19970101 1 1.00 more", "line 3: 6 columns"),
        (b"00001 1997-01-01 1 1.00", "line 3: column date: '1997-01-01', expected a date as YYYYMMDD"),
        (b"00001 19970231 1 1.00", "line 3: column date: '19970231', which is no day"),
        (b"00001 19970101 one 1.00", "line 3: column number_of_cds: 'one', expected a whole number"),
        (b"00001 19970101 1 $1.00", r"line 3: column dollar_value: '\$1.00', expected an amount"),
        (b"00001 19970101 1 -1.00", "line 3: column dollar_value: '-1.00', expected an amount"),
        (b"00001 19970101 1 \xff", "line 3: column dollar_value"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: bytes, complaint: str) -> None:
    with pytest.raises(ReplayError, match=rf"CDNOW\.txt: {complaint}"):
        Cdnow([file(tmp_path, SAMPLE.splitlines()[0] + b"\n\n" + line + b"\n")])
