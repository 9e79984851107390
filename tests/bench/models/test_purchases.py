"""Purchases as the closed forms and the truth read them, against a plain loop."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from bench.models.data_sets import cdnow_orders, online_retail_orders
from bench.models.purchases import Purchases
from models.kernel.settings import DAY, HOUR

orders = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 40 * 24)), min_size=1, max_size=40)


def opened(hours: list[int]) -> list[int]:
    """The days of a buyer's occasions."""
    found: list[int] = []
    for hour in sorted(hours):
        if not found or hour - found[-1] >= 24:
            found.append(hour)
    return [hour // 24 for hour in found]


@given(orders, st.integers(1, 45), st.integers(1, 20))
def test_histories_and_truth_are_those_of_a_plain_loop(rows: list[tuple[str, int]], cut: int, days: int) -> None:
    purchases = Purchases(pl.DataFrame([(b, h * HOUR) for b, h in rows], schema=["buyer", "at"], orient="row"), 0)
    occasions = {buyer: opened([hour for other, hour in rows if other == buyer]) for buyer, _ in rows}
    known = {buyer: [day for day in found if day < cut] for buyer, found in sorted(occasions.items())}
    known = {buyer: found for buyer, found in known.items() if found}
    buyers = purchases.buyers(cut)
    assert [purchases.names[i] for i in buyers] == list(known)
    x, tx, T = purchases.histories(buyers, cut)
    assert x.tolist() == [len(found) - 1 for found in known.values()]
    assert (tx * 7).round().tolist() == [found[-1] - found[0] for found in known.values()]
    assert (T * 7).round().tolist() == [cut - 1 - found[0] for found in known.values()]
    later = [sum(cut <= day < cut + days for day in occasions[buyer]) for buyer in known]
    assert purchases.occasions(buyers, cut, cut + days).tolist() == later


def test_cdnow_is_read_in_both_forms(tmp_path: Path) -> None:
    """The master has a header; the sample has a second id. A day's purchases are one order at noon."""
    master, sample = tmp_path / "master.txt", tmp_path / "sample.txt"
    master.write_text(
        "ID DATE CDs DOLLARS\n 00001 19970102  1   10.50\n 00001 19970102  2    4.50\n 00002 19970103 1 0.00\n"
    )
    sample.write_text(" 00001 0001 19970102  3   15.00\n 00002 0002 19970103 1 0.00\n")
    noon = 852_206_400_000
    assert noon % DAY == 12 * HOUR
    expected = [("00001", noon), ("00002", noon + DAY)]
    assert sorted(cdnow_orders(master).rows()) == expected
    assert sorted(cdnow_orders(sample).rows()) == expected


def test_of_online_retail_only_what_was_sold_to_somebody_counts(tmp_path: Path) -> None:
    file = tmp_path / "online_retail.parquet"
    at = datetime(2010, 12, 1, 8, 26)  # noqa: DTZ001
    lines = [("536365", 6, 2.55, 17850.0), ("536365", 6, 2.55, 17850.0), ("536365", 1, 3.0, 17850.0)]
    lines += [
        ("C536379", -1, 27.5, 14527.0),
        ("536380", 1, 0.0, 1.0),
        ("536381", 2, 5.0, None),
        ("A563185", 1, 9.0, 2.0),
    ]
    pl.DataFrame(
        {
            "InvoiceNo": [line[0] for line in lines],
            "Quantity": [line[1] for line in lines],
            "UnitPrice": [line[2] for line in lines],
            "CustomerID": [line[3] for line in lines],
            "InvoiceDate": [at] * len(lines),
        }
    ).write_parquet(file)
    assert online_retail_orders(file).rows() == [("17850", 1_291_191_960_000)]
