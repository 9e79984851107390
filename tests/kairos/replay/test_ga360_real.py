"""Three months of a real shop through `replay --local`. The expected numbers come from outside this project: orders,
revenue and dead letters counted in the file; carts and segments by a naive reading of the rules, written apart.

That reading knew no echoes, and took each generation that an order came after for recovered: 5,204 triggers, 453
recovered, 4,457 expired. Given the file without 23 rows (of 14 visitors: put into a cart within five minutes after an
order of the same product), an earlier version that agreed with it says 5,200, 453 and 4,454, the 453 by 390 orders:
one order is one recovery, and 63 are cancelled. It forgets nobody. A visitor who comes back after 30 idle days with a
cart still open has been forgotten here, cart and all, so one trigger and its expiry are not said: shopper
831129647030620567. With a longer memory they are.
"""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from tests.acting import ONCE
from tests.conftest import Run

FILE = Path(__file__).resolve().parents[4] / "shared" / "data" / "ga360" / "events.parquet"
CARTS = {"triggered": 5200, "suppressed": 0, "cancelled": 63, "recovered": 390, "expired": 4454}
FORGOTTEN = {"triggered": 1, "expired": 1}
BUYERS = {
    "about_to_sleep": 353, "at_risk": 7, "champions": 2, "hibernating": 488, "loyal": 6, "need_attention": 8,
    "new": 155, "potential_loyalist": 39, "promising": 197,
}  # fmt: skip

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FILE.exists(), reason="the ga360 data set is not here"),
]


def test_the_whole_file(run: Run) -> None:
    # The naive reading knows the fixed cuts only (computed ones: test_cuts.py), and one reminder of each cart.
    fixed = {**ONCE, "KAIROS_IDLE_ON": "cart", "KAIROS_TABLE_EVERY": "0"}
    found = json.loads(run("replay", "--local", "--format", "ga360", "--json", str(FILE), **fixed).stdout)
    assert {name: found[name] for name in ("events", "applied", "duplicates", "orders", "order_conflict")} == {
        "events": 613_033,
        "applied": 611_390,
        "duplicates": 1_640,
        "orders": 1_427,
        "order_conflict": 68,
    }
    assert found["dead_letters"] == {"absurd_quantity": 3}
    assert found["revenue"] == {"USD": 20_262_286}
    assert found["segments"] == BUYERS
    assert found["outputs"]["cart-abandonments"] == {k: n - FORGOTTEN.get(k, 0) for k, n in CARTS.items()}
    assert found["tags"]["second_order_due"] == waiting()
    assert found["shoppers"] == sum(1 for _ in remembered())
    assert found["ticks"] == 2_208 * 3 * 8  # 2016-08-01T08:00Z to 2016-11-01T07:00Z


def waiting() -> int:
    """Visitors with one order, between 21 and 90 days old at the end, by the file alone: nothing in it is refunded."""
    orders = (
        pl.scan_parquet(FILE).filter(pl.col("event") == "purchase").group_by("visitor", "txid").agg(pl.col("ts").min())
    )
    age = (1_477_983_600_000 - pl.col("ts").max()) / 86_400_000
    single = orders.group_by("visitor").agg(orders=pl.len(), age=age).filter(pl.col("orders") == 1)
    return single.filter(pl.col("age").is_between(21, 90, closed="right")).collect().height


def remembered() -> list[str]:
    """Visitors who are not idle for as long as they are kept, by the file alone."""
    orders = pl.col("event") == "purchase"
    last = pl.scan_parquet(FILE).group_by("visitor").agg(pl.col("ts").max(), buyer=orders.any()).collect()
    end = 1_477_983_600_000
    return last.filter(pl.col("buyer") | (pl.col("ts") + 30 * 86_400_000 >= end))["visitor"].to_list()


def test_carts_where_nobody_is_forgotten(run: Run, tmp_path: Path) -> None:
    acts = pl.col("event").is_in(["add_to_cart", "remove_from_cart", "purchase"])
    frame = pl.read_parquet(FILE)
    frame = frame.filter(pl.col("visitor").is_in(frame.filter(acts)["visitor"].unique().implode()))
    frame.write_parquet(tmp_path / "carts.parquet")
    as_before = {**ONCE, "KAIROS_IDLE_ON": "cart"}
    result = run("replay", "--local", "--json", str(tmp_path / "carts.parquet"), KAIROS_VISITOR_TTL="52w", **as_before)
    assert json.loads(result.stdout)["outputs"]["cart-abandonments"] == CARTS
