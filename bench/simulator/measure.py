"""The rates of a shop, real or not.

Hits: `visitor`, `ts` (ms), `kind` ("look" at a product, "add" to the cart, "order", "other"), of orders `order`, their
id, and `value`, their stated revenue, if any. Purchases: `customer`, `day` (a date), one row a day with an order.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

PAUSE = 30 * 60_000
"""A visit ends where a visitor pauses so long (ms): Google Analytics' own rule."""
MINUTE = 60_000
SOON, LATE = 30.0, 72 * 60.0
"""Minutes from the last product added to the order."""

Rates = dict[str, float]


def hits(frame: pl.DataFrame) -> Rates:
    """All rates that a log of hits shows."""
    visits = _visits(frame)
    return _sessions(visits) | _funnel(visits) | _deciding(frame) | _orders(frame)


def purchases(frame: pl.DataFrame, end: date) -> Rates:
    """How buyers come back within 26 weeks of their first purchase; those with fewer weeks until `end` are left out."""
    frame = frame.sort("customer", "day").with_columns(
        first=pl.col("day").min().over("customer"), before=pl.col("day").shift(1).over("customer")
    )
    frame = frame.filter(pl.col("first") <= end - timedelta(weeks=26)).with_columns(
        age=(pl.col("day") - pl.col("first")).dt.total_days(), gap=(pl.col("day") - pl.col("before")).dt.total_days()
    )
    early, whole = frame.filter(pl.col("age") <= 13 * 7), frame.filter(pl.col("age") <= 26 * 7)
    seconds = whole.filter(pl.col("before") == pl.col("first"))["gap"]
    return {
        "repeat_13": _mean(early.group_by("customer").len()["len"] > 1),
        "repeat_26": _mean(whole.group_by("customer").len()["len"] > 1),
        "repeats_26": _mean(whole.group_by("customer").len()["len"] - 1),
        "second_gap": _quantile(seconds, 0.5),
        "gap_25": _quantile(whole["gap"], 0.25),
        "gap_50": _quantile(whole["gap"], 0.5),
        "gap_75": _quantile(whole["gap"], 0.75),
    }


def _visits(frame: pl.DataFrame) -> pl.DataFrame:
    """One row a visit: calls, milliseconds, and how many of each kind."""
    pause = pl.col("ts").diff().over("visitor").fill_null(0) > PAUSE
    counts = [(pl.col("kind") == kind).sum().alias(kind) for kind in ("look", "add", "order")]
    return (
        frame.sort("visitor", "ts", maintain_order=True)
        .with_columns(visit=pause.cum_sum().over("visitor"))
        .group_by("visitor", "visit")
        .agg(pl.len().alias("calls"), (pl.col("ts").max() - pl.col("ts").min()).alias("ms"), *counts)
    )


def _sessions(visits: pl.DataFrame) -> Rates:
    looked, added, bought = (pl.col(kind) > 0 for kind in ("look", "add", "order"))
    return {
        "visits": len(visits) / visits["visitor"].n_unique(),
        "calls": _mean(visits["calls"]),
        "single": _mean(visits["calls"] == 1),
        "calls_look": _quantile(visits.filter(looked & ~added & ~bought)["calls"], 0.5),
        "calls_cart": _quantile(visits.filter(added & ~bought)["calls"], 0.5),
        "calls_order": _quantile(visits.filter(bought)["calls"], 0.5),
        "minutes": _quantile(visits.filter(pl.col("calls") > 1)["ms"], 0.5) / MINUTE,
    }


def _funnel(visits: pl.DataFrame) -> Rates:
    looked = visits.filter((pl.col("look") > 0) | (pl.col("add") > 0))
    return {"look": len(looked) / len(visits), "cart": _mean(looked["add"] > 0)}


def _deciding(frame: pl.DataFrame) -> Rates:
    """From the last product added before an order to its first report."""
    adds = frame.filter(pl.col("kind") == "add").select("visitor", "ts")
    placed = frame.filter(pl.col("kind") == "order").group_by("visitor", "order").agg(pl.col("ts").min().alias("at"))
    waits = (
        placed.join(adds, on="visitor")
        .filter(pl.col("ts") <= pl.col("at"))
        .group_by("visitor", "order")
        .agg(((pl.col("at").first() - pl.col("ts").max()) / MINUTE).alias("wait"))
    )
    carted = adds["visitor"].n_unique()
    later = waits.filter((pl.col("wait") > SOON) & (pl.col("wait") <= LATE))["visitor"].n_unique()
    return {
        "order_soon": waits.filter(pl.col("wait") <= SOON)["visitor"].n_unique() / carted,
        "order_late": later / carted,
        "wait_25": _quantile(waits["wait"], 0.25),
        "wait_50": _quantile(waits["wait"], 0.5),
        "wait_75": _quantile(waits["wait"], 0.75),
        "wait_90": _quantile(waits["wait"], 0.9),
    }


def _orders(frame: pl.DataFrame) -> Rates:
    orders = frame.filter(pl.col("kind") == "order").group_by("order").agg(pl.len(), pl.col("value").first())
    return {
        "reports": _mean(orders["len"]),
        "reported_again": _mean(orders["len"] > 1),
        "value": _quantile(orders["value"].drop_nulls(), 0.5),
    }


def _mean(values: pl.Series) -> float:
    return float(values.mean())


def _quantile(values: pl.Series, share: float) -> float:
    return float(values.quantile(share, "linear"))
