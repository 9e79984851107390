"""The simulated shop as hits and purchases."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec
import polars as pl
from msgspec import Struct

from kairos.replay.row import Row

KINDS = {"Product Viewed": "look", "Product Added": "add", "Order Completed": "order"}
AFTERWARDS = {"Order Updated", "Order Refunded", "Order Cancelled", "Product Reviewed"}
"""Belong to no visit; the real log of hits has nothing like them."""


class Properties(Struct, frozen=True):
    """Of these, orders have them."""

    order_id: str | None = None
    revenue: float | None = None


class Call(Struct, rename="camel"):
    """What is measured of a call."""

    anonymous_id: str
    event: str = ""
    user_id: str | None = None
    properties: Properties = Properties()


_decode = msgspec.json.Decoder(Call).decode


def hits(rows: Iterable[Row]) -> pl.DataFrame:
    """Hits. A visitor is a device, as a cookie is."""
    found: list[tuple[str, int | None, str, str | None, float | None]] = []
    for at, _, _, value in rows:
        call = _decode(value)
        if call.event not in AFTERWARDS:
            kind = KINDS.get(call.event, "other")
            found.append((call.anonymous_id, at, kind, call.properties.order_id, call.properties.revenue))
    schema = {"visitor": pl.String, "ts": pl.Int64, "kind": pl.String, "order": pl.String, "value": pl.Float64}
    return pl.DataFrame(found, schema=schema, orient="row")


def purchases(rows: Iterable[Row]) -> tuple[pl.DataFrame, date]:
    """Purchases of those who are logged in, as all are who order; and the last day."""
    found, last = [], 0
    for at, _, key, value in rows:
        last = max(last, at or 0)
        if b'"Order Completed"' in value:
            found.append((key, at))
    frame = pl.DataFrame(found, schema={"customer": pl.Binary, "at": pl.Int64}, orient="row")
    days = frame.select("customer", day=pl.from_epoch("at", time_unit="ms").dt.date()).unique()
    return days, pl.from_epoch(pl.Series([last]), time_unit="ms").dt.date().item()
