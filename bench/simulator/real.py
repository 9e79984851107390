"""The real sets as hits and purchases. Where they come from: docs/simulator.md."""

from __future__ import annotations

import gzip
from datetime import date, datetime
from pathlib import Path

import polars as pl

CHECKOUT = Path(__file__).resolve().parents[2]
DATA = CHECKOUT.parent / "shared" / "data"
GA360 = DATA / "ga360" / "events.parquet"
CDNOW = DATA / "cdnow" / "CDNOW_master.txt.gz"
ONLINE_RETAIL = DATA / "online_retail" / "online_retail.parquet"
CDNOW_END = date(1998, 6, 30)
ONLINE_RETAIL_END = date(2011, 12, 9)

KINDS = {"view_item": "look", "add_to_cart": "add", "purchase": "order"}


def ga360(file: Path = GA360) -> pl.DataFrame:
    """Hits of the Google Merchandise Store, August to October 2016."""
    kind = pl.col("event").replace_strict(KINDS, default="other")
    return pl.read_parquet(file).select("visitor", "ts", kind.alias("kind"), order="txid", value="revenue")


def cdnow(file: Path = CDNOW) -> pl.DataFrame:
    """Purchases of the CDNOW cohort of the first quarter of 1997; every transaction counts, free ones too."""
    with gzip.open(file, "rt") as lines:
        rows = [line.split()[:2] for line in lines][1:]
    days = [datetime.strptime(day, "%Y%m%d").date() for _, day in rows]  # noqa: DTZ007
    return pl.DataFrame({"customer": [customer for customer, _ in rows], "day": days}).unique()


def online_retail(file: Path = ONLINE_RETAIL) -> pl.DataFrame:
    """Purchases of the UCI Online Retail shop: invoices of known customers that are no cancellation."""
    sold = ~pl.col("InvoiceNo").str.starts_with("C") & (pl.col("Quantity") > 0) & (pl.col("UnitPrice") > 0)
    frame = pl.read_parquet(file).filter(pl.col("CustomerID").is_not_null() & sold)
    return frame.select(customer="CustomerID", day=pl.col("InvoiceDate").dt.date()).unique()
