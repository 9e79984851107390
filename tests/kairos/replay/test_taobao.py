"""The UserBehavior log: each behaviour, with and without a header, and lines that are wrong."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import pytest

from kairos.errors import ReplayError
from kairos.replay.taobao import Taobao
from models.kernel.events import Added, Browsed, Line, Ordered
from tests.kairos.replay.feeds import read, rows, said

LOG = b"""1,2268318,2520377,pv,1511544070
1,2333346,2520771,cart,1511561733
1,2333346,2520771,buy,1511561800
1,149192,2465336,buy,1511561800
1,2333346,2520771,fav,1511561800
2,149192,2465336,buy,1511544080
"""
HEADER = b"user_id,item_id,category_id,behavior_type,timestamp\n"
BOUGHT = (Line("2333346", 1), Line("149192", 1))


def file(folder: Path, content: bytes) -> str:
    (folder / "log.csv").write_bytes(content)
    return str(folder / "log.csv")


def call(ident: str, event: str, **properties: Any) -> dict[str, Any]:
    return {"messageId": ident, "event": event, "userId": ident[0], "properties": properties}


def test_every_behaviour_in_the_order_of_time(tmp_path: Path) -> None:
    source = Taobao([file(tmp_path, LOG)])
    things = [{"product_id": "2333346", "category": "2520771"}, {"product_id": "149192", "category": "2465336"}]
    assert source.total == 5
    assert said(source) == [
        (
            "2017-11-24T17:21:10Z",
            call("1-1511544070-pv-2268318", "Product Viewed", product_id="2268318", category="2520377"),
        ),
        ("2017-11-24T17:21:20Z", call("2-1511544080", "Order Completed", order_id="2-1511544080", products=things[1:])),
        ("2017-11-24T22:15:33Z", call("1-1511561733-cart-2333346", "Product Added", **things[0])),
        ("2017-11-24T22:16:40Z", call("1-1511561800", "Order Completed", order_id="1-1511561800", products=things)),
        ("2017-11-24T22:16:40Z", call("1-1511561800-fav-2333346", "Product Added to Wishlist", **things[0])),
    ]


def test_the_engine_takes_it(tmp_path: Path) -> None:
    """An order without any amount is worth nothing, and counts."""
    assert read(Taobao([file(tmp_path, LOG)])) == [
        ("1", Browsed("2520377", 2, "2268318")),
        ("2", Ordered("2-1511544080", 0, False, "", lines=BOUGHT[1:])),
        ("1", Added("default", (Line("2333346", 1, None),), "2520771")),
        ("1", Ordered("1-1511561800", 0, False, "", lines=BOUGHT)),
        ("1", Browsed("2520771", 3)),
    ]


@pytest.mark.parametrize(
    "content",
    [
        HEADER + LOG,
        b"\n" + LOG.replace(b"\n", b"\r\n") + b"\n\n",
        b"User ID,Item ID,Category ID,Behavior Type,Timestamp\n" + LOG,
        gzip.compress(LOG),
        gzip.compress(HEADER + LOG),
    ],
    ids=["header", "blank lines", "spelt otherwise", "packed", "packed header"],
)
def test_it_comes_in_several_shapes(tmp_path: Path, content: bytes) -> None:
    assert rows(Taobao([file(tmp_path, content)])) == rows(Taobao([file(tmp_path, LOG)]))


def test_a_header_may_name_the_columns_in_another_order(tmp_path: Path) -> None:
    turned = b"\n".join(b",".join(reversed(line.split(b","))) for line in (HEADER + LOG).splitlines())
    plain = rows(Taobao([file(tmp_path, LOG)]))
    assert rows(Taobao([file(tmp_path, turned)])) == plain


@pytest.mark.parametrize("content", [LOG, HEADER + LOG, gzip.compress(LOG)])
def test_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert rows(Taobao(["-"])) == rows(Taobao([file(tmp_path, LOG)]))


def test_times_that_nobody_believes_come_first(tmp_path: Path) -> None:
    """The full log has some. What is ahead of the clock is judged by the crowd, as in any file."""
    odd = b"1,2,3,pv,-2134949234\n1,2,3,pv,4119690000\n1,2,3,pv,1511544070\n"
    assert [row[0] for row in rows(Taobao([file(tmp_path, odd)]))] == [None, 1_511_544_070_000, 4_119_690_000_000]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"1,2,3,pv", "line 8: column timestamp: nothing, expected seconds since 1970"),
        (b"1,2,3,pv,1511544070,6", "line 8: more than 5 columns"),
        (b"1,x,3,pv,1511544070", "line 8: column item_id: 'x', expected whole numbers"),
        (b"1,2,3,view,1511544070", "line 8: column behavior_type: 'view', expected one of pv, cart, fav, buy"),
        (b"1,2,3,pv,1511544070000", "line 8: column timestamp: '1511544070000', expected seconds since 1970"),
        (b"1,2,3,pv,2017-11-25", "line 8: column timestamp: '2017-11-25'"),
        (b"1,\xff,3,pv,1511544070", "line 8: column item_id"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: bytes, complaint: str) -> None:
    with pytest.raises(ReplayError, match=rf"log\.csv: {complaint}"):
        Taobao([file(tmp_path, LOG + b"\n" + line + b"\n" + LOG)])
    with pytest.raises(ReplayError, match=complaint.replace("line 8", "line 9")):
        Taobao([file(tmp_path, HEADER + LOG + b"\n" + line)])


@pytest.mark.parametrize("content", [b"user_id,item_id\n1,2\n", b"hello\n", b"{}"])
def test_a_missing_column_is_named(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ReplayError, match=r"log\.csv: no column behavior_type, category_id"):
        Taobao([file(tmp_path, content)])


def test_a_damaged_file(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match=r"log\.csv: cannot be read"):
        Taobao([file(tmp_path, gzip.compress(LOG * 1000)[:-30])])
