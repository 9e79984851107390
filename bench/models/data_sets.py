"""The shops that models are compared on: where their files are, where the holdout begins, and how they are read.

Each is read twice, independently: as rows that `kairos replay` sends, for the engine, and as bare orders, for the
truth.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl

from bench.models.purchases import Purchases
from kairos.replay.cdnow import Cdnow
from kairos.replay.online_retail import OnlineRetail
from kairos.replay.row import Source
from models.kernel.settings import DAY, HOUR, SharedSettings

SAMPLE = "cdnow/CDNOW_sample.txt"


class DataSet(NamedTuple):
    """One shop.

    `orders` reads its file as bare orders: rows of `buyer` (text) and `at` (ms).
    `file` is its path below the folder of data. Days count from `start`; the holdout begins with day `cut`, and the
    horizons are in days from then. `settings` are those of the engine, by variable; `alerts` is the horizon by which
    alerts are judged.
    """

    name: str
    about: str
    file: str
    start: date
    cut: int
    horizons: tuple[int, ...]
    orders: Callable[[Path], pl.DataFrame]
    rows: Callable[[Path, SharedSettings], Source]
    settings: Mapping[str, str] = {}
    alerts: int = 90

    def path(self, data: Path) -> Path:
        """Its file; FileNotFoundError, with what to do, if it is not there."""
        found = data / self.file
        if not found.exists():
            raise FileNotFoundError(f"{self.name}: there is no {found}; name the folder that has it with --data")
        return found

    def at(self, day: int) -> int:
        """When a day begins (ms)."""
        midnight = datetime(self.start.year, self.start.month, self.start.day, tzinfo=UTC)
        return int(midnight.timestamp()) * 1000 + day * DAY

    def purchases(self, data: Path) -> Purchases:
        """All its buying occasions."""
        return Purchases(self.orders(self.path(data)), self.at(0))


def cdnow_orders(file: Path) -> pl.DataFrame:
    """Purchases of CDNOW: one order a customer and day, at noon, free ones too (the convention of Fader and Hardie).

    The master has the columns customer, date, CDs, dollars, below a header; the sample a second id after the first.
    """
    packed = file.read_bytes()
    text = (gzip.decompress(packed) if file.suffix == ".gz" else packed).decode()
    fields = [line.split() for line in text.splitlines()]
    bought = [(words[0], words[-3]) for words in fields if len(words) >= 4 and words[-3].isdigit()]
    days = pl.DataFrame(bought, schema=["buyer", "day"], orient="row").unique()
    noon = pl.col("day").str.to_date("%Y%m%d").cast(pl.Datetime("ms")).dt.epoch("ms") + 12 * HOUR
    return days.select("buyer", noon.alias("at"))


def online_retail_orders(file: Path) -> pl.DataFrame:
    """Invoices of known customers with a line that sold something for money.

    Cancellations (C...) and adjustments (A...) are none.
    """
    sold = pl.col("InvoiceNo").str.contains(r"^\d") & (pl.col("Quantity") > 0) & (pl.col("UnitPrice") > 0)
    lines = pl.read_parquet(file).filter(pl.col("CustomerID").is_not_null() & sold)
    buyer = pl.col("CustomerID").cast(pl.Int64).cast(pl.String)
    found = lines.group_by("InvoiceNo", buyer.alias("buyer")).agg(at=pl.col("InvoiceDate").min().dt.epoch("ms"))
    return found.select("buyer", "at")


CDNOW = DataSet(
    "cdnow",
    "CDNOW, a music shop: the 23,570 customers who first bought in the first quarter of 1997 (Fader and Hardie)",
    "cdnow/CDNOW_master.txt.gz",
    date(1997, 1, 1),
    273,
    (30, 90, 273),
    cdnow_orders,
    lambda file, shop: Cdnow([str(file)]),
    {"KAIROS_CHURN_PRIOR": "without_cdnow"},
)
ONLINE_RETAIL = DataSet(
    "online_retail",
    "Online Retail, a wholesaler's gift shop: the invoices of a year, 2010-12 to 2011-12 (UCI; Chen 2015)",
    "online_retail/online_retail.parquet",
    date(2010, 12, 1),
    189,
    (30, 90, 182),
    online_retail_orders,
    lambda file, shop: OnlineRetail([str(file)], shop),
    {"KAIROS_CHURN_PRIOR": "without_online_retail"},
)
DATA_SETS: Mapping[str, DataSet] = {found.name: found for found in (CDNOW, ONLINE_RETAIL)}
