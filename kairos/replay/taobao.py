"""Taobao's UserBehavior: what shoppers did, 2017-11-25 to 2017-12-03, as clicks, carts, wishes and orders.

A line is a user, an item, its category, what happened and when (seconds since 1970), sorted by user: here they come in
the order of time. No line says a price, so nothing here has one, and orders are worth nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from kairos.replay.calls import Call, Product, Purchase, encode
from kairos.replay.columns import WHOLE, Kind
from kairos.replay.csv_table import LINE, csv
from kairos.replay.row import Row, Rows
from kairos.replay.stream import check
from models.events import CART, CLICKSTREAM, ORDER
from models.eventtime import EARLIEST

CALLS = {
    "pv": ("Product Viewed", CLICKSTREAM),
    "cart": ("Product Added", CART),
    "fav": ("Product Added to Wishlist", CLICKSTREAM),
    "buy": ("Order Completed", ORDER),
}
BEHAVIOUR = pl.Enum(list(CALLS))
FARTHEST = 10**11
"""Seconds. What is beyond, some 3,000 years away, is no number of seconds but one of milliseconds."""
SLICE = 20_000


def _seconds(text: pl.Expr) -> pl.Expr:
    number = text.cast(pl.Int64, strict=False)
    return pl.when(number.abs() < FARTHEST).then(number)


COLUMNS = {
    "user_id": WHOLE,
    "item_id": WHOLE,
    "category_id": WHOLE,
    "behavior_type": Kind("one of " + ", ".join(CALLS), read=lambda text: text.cast(BEHAVIOUR, strict=False)),
    "timestamp": Kind("seconds since 1970", read=_seconds),
}


class Taobao:
    """One row a line, but for what a user buys in the same second, which is one order; in the order of time.

    Raises `ReplayError` for a file that is not such a log.
    """

    def __init__(self, files: Sequence[str]) -> None:
        check(files)
        self._calls = pl.concat(_calls(file) for file in files).sort("e", maintain_order=True)
        self.total: int | None = len(self._calls)
        self.left_out: dict[str, int] = {}

    def __iter__(self) -> Iterator[Rows]:
        text = pl.col("user_id", "item_id", "category_id").cast(pl.String)
        stamp = pl.from_epoch("timestamp").dt.strftime("%Y-%m-%dT%H:%M:%SZ").alias("stamp")
        for part in self._calls.iter_slices(SLICE):
            calls = part.select("e", "behavior_type", "timestamp", stamp, text, "bought")
            yield [_row(*call) for call in calls.iter_rows()]


def _calls(file: str) -> pl.DataFrame:
    """The calls of one file: a line each, or, where `bought` lists [item, category], all that was bought at once.

    `e` is the event time in ms: null before 1990, which nobody believes.
    """
    log = csv(file, COLUMNS, names=list(COLUMNS))
    buys = pl.col("behavior_type") == "buy"
    things = pl.concat_list("item_id", "category_id").cast(pl.List(pl.String)).alias("bought")
    orders = log.filter(buys).group_by("user_id", "timestamp", "behavior_type").agg(pl.col(LINE).min(), things)
    at = pl.col("timestamp") * 1_000
    believed = pl.when(at >= EARLIEST).then(at).alias("e")
    return pl.concat([log.filter(~buys), orders], how="diagonal").with_columns(believed).sort(LINE)


def _row(
    e: int | None, did: str, at: int, stamp: str, user: str, item: str, category: str, bought: list[list[str]] | None
) -> Row:
    name, role = CALLS[did]
    if bought is None:
        message, said = f"{user}-{at}-{did}-{item}", Product(item, category=category)
        return e, role, user.encode(), encode(Call(message, "track", name, user, stamp, properties=said))
    order = f"{user}-{at}"
    purchase = Purchase(order, [Product(item, category=category) for item, category in bought])
    return e, role, user.encode(), encode(Call(order, "track", name, user, stamp, properties=purchase))
