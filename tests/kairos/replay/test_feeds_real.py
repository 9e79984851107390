"""Whole data sets of real shops. What they must come to is counted in the files by other means."""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kairos.config.settings import load
from kairos.replay import ticks
from kairos.replay.cdnow import Cdnow
from kairos.replay.local import Local
from kairos.replay.online_retail import OnlineRetail
from kairos.replay.taobao import Taobao
from models.features import ShopSettings
from models.kernel.events import Added, Browsed, Ordered, Refunded
from models.rfm.cuts import Cuts
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from tests.conftest import Run
from tests.kairos.replay.feeds import read, rows
from tests.models.rfm.watch import Watch

pytestmark = pytest.mark.slow

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
CDNOW, SAMPLE = DATA / "cdnow" / "CDNOW_master.txt.gz", DATA / "cdnow" / "CDNOW_sample.txt"
RETAIL = DATA / "online_retail" / "online_retail.parquet"
TAOBAO = DATA / "taobao" / "UserBehavior_sample.csv.gz"
GA360 = DATA / "ga360" / "events.parquet"


def needs(file: Path) -> Any:
    return pytest.mark.skipif(not file.exists(), reason=f"the data set {file.parent.name} is not here")


def buyers(dump: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Shoppers and what they bought, from a dump."""
    for line in map(json.loads, dump.read_bytes().splitlines()):
        if "profile" in line and "buyer" in line["profile"]:
            yield line["user"], line["profile"]["buyer"]


@needs(SAMPLE)
def test_cdnow(run: Run, tmp_path: Path) -> None:
    """Every tenth customer: the churn model looks at each buyer every fortnight of eighteen months."""
    spent: dict[str, Counter[str]] = defaultdict(Counter)
    for line in SAMPLE.read_text().splitlines():
        user, _, date, _, dollars = line.split()
        spent[user][date] += int(dollars.replace(".", ""))
    result = run("replay", "--local", "--json", "--dump", "out.jsonl", str(SAMPLE), KAIROS_TABLE_EVERY="91d")
    found = json.loads(result.stdout)
    assert (found["shoppers"], found["orders"], found["dead_letters"]) == (2_357, sum(map(len, spent.values())), {})
    assert found["revenue"]["USD"] == sum(days.total() for days in spent.values())
    known = dict(buyers(tmp_path / "out.jsonl"))
    assert {user: (b["orders"], b["gross"]) for user, b in known.items()} == {
        user: (len(days), days.total()) for user, days in spent.items()
    }
    frequencies = {b["scores"] // 10 % 10 for b in known.values()}
    assert {b["scores"] // 10 % 10 for b in known.values() if b["orders"] == 1} == {1}
    assert frequencies == {1, 2, 3, 4, 5}


@needs(SAMPLE)
def test_the_sample_of_cdnow_is_a_part_of_the_master() -> None:
    """Every tenth customer of the 23,570, with the same orders."""
    sample, master = rows(Cdnow([str(SAMPLE)])), rows(Cdnow([str(CDNOW)]))
    assert len({row[2] for row in sample}) == 2_357
    assert set(sample) < set(master)


@needs(GA360)
def test_one_order_is_a_frequency_of_1_on_ga360(run: Run, tmp_path: Path) -> None:
    orders = pl.read_parquet(GA360).filter(pl.col("event") == "purchase")
    orders.write_parquet(tmp_path / "orders.parquet")
    result = run("replay", "--local", "--json", "--dump", "out.jsonl", "orders.parquet")
    assert json.loads(result.stdout)["orders"] == 1_427
    per = orders.group_by("visitor").agg(pl.col("txid").n_unique())
    known = dict(buyers(tmp_path / "out.jsonl"))
    assert {user: b["orders"] for user, b in known.items()} == dict(per.iter_rows())
    assert {b["scores"] // 10 % 10 for b in known.values() if b["orders"] == 1} == {1}
    assert min(b["scores"] // 10 % 10 for b in known.values() if b["orders"] > 1) > 1


@needs(RETAIL)
def test_online_retail() -> None:
    lines = pl.read_parquet(RETAIL).filter(pl.col("CustomerID").is_not_null())
    worth = (pl.col("Quantity") * (pl.col("UnitPrice") * 1000).round().cast(pl.Int64)).sum().abs()
    truth = dict(lines.group_by("InvoiceNo").agg(worth).iter_rows())
    source = OnlineRetail([str(RETAIL)], ShopSettings())
    found = read(source)
    assert list(source.left_out.values()) == [135_080, 0]
    assert Counter(type(event) for _, event in found) == {Ordered: 18_536, Refunded: 3_654}
    assert len({user for user, _ in found}) == lines["CustomerID"].n_unique() == 4_372
    amounts = {e.order if isinstance(e, Ordered) else e.refund: e.amount for _, e in found}  # type: ignore[union-attr]
    assert amounts == {invoice: round(Decimal(mills) / 10) for invoice, mills in truth.items()}
    times = [row[0] for row in rows(source)]
    assert times == sorted(times)


@needs(RETAIL)
@pytest.mark.timeout(1_200)
def test_scores_of_online_retail_hold_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """A year of tables. (Before: 10,872 rises of R, and up to 43 changes of segment between two orders.)"""
    watch, settings, store = Watch().follows(monkeypatch), load({}), MemoryStore()
    Local(settings, 8, store, MemoryOutputs()).run(ticks.spans(OnlineRetail([str(RETAIL)], settings.shop)))
    assert len(watch.been) == 4_372
    assert watch.moved > 10_000
    assert watch.most <= 4
    own = {version for version, table in store.tables("cuts").items() if not Cuts.decode(table).fixed}
    assert (min(own), max(own)) == (20110301, 20111209)


@needs(TAOBAO)
def test_taobao() -> None:
    log = [line.split(",") for line in gzip.decompress(TAOBAO.read_bytes()).decode().splitlines()]
    source = Taobao([str(TAOBAO)])
    found = read(source)
    buys = {(user, at) for user, _, _, did, at in log if did == "buy"}
    kinds = Counter(did for _, _, _, did, _ in log)
    assert Counter(type(event) for _, event in found) == {
        Browsed: kinds["pv"] + kinds["fav"],
        Added: kinds["cart"],
        Ordered: len(buys),
    }
    assert sum(row[0] < 1_511_539_200_000 or row[0] >= 1_512_316_800_000 for row in rows(source) if row[0]) == 35
    weights = Counter(event.category for _, event in found if isinstance(event, Browsed))
    assert weights == Counter(category for _, _, category, did, _ in log if did in ("pv", "fav"))
