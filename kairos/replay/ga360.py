"""The flattened Google Analytics 360 export: one row a hit, as Parquet, to Segment's calls.

A page is a `page` call; clicks and views of products are clickstream, adds, removals and checkouts cart, purchases
orders. The visitor is the user; nothing is invented that the row does not say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
from msgspec import UNSET, Raw, Struct, UnsetType

from kairos.errors import ReplayError
from kairos.replay.row import Rows
from models.events import CART, CLICKSTREAM, ORDER

IDENTITY = ["ts", "visitor", "visitId", "hit", "event"]
DETAIL = ["page", "txid", "revenue", "products"]
CONTEXT = ["channel", "dev", "country"]
COLUMNS = IDENTITY + DETAIL + CONTEXT
SLICE = 20_000


class Product(Struct, gc=False):
    """One product as Segment names its fields; in a track call of a single product these are the properties."""

    product_id: str
    price: float
    name: str | UnsetType = UNSET
    category: str | UnsetType = UNSET
    quantity: int | UnsetType = UNSET
    currency: str | UnsetType = UNSET


class Purchase(Struct, gc=False):
    """Properties of Order Completed."""

    order_id: str
    products: list[Product]
    revenue: float | UnsetType = UNSET
    currency: str = "USD"


class Page(Struct, gc=False):
    """Properties of a page call."""

    path: str


class Call(Struct, gc=False):
    """One Segment call."""

    messageId: str
    type: str
    event: str | UnsetType
    userId: str
    timestamp: str
    context: Raw
    properties: Product | Purchase | Page | UnsetType = UNSET


class Ga360:
    """Rows of one file or several, in file order.

    Raises `ReplayError` for a file that is not such an export.
    """

    ticks = 0

    def __init__(self, files: Sequence[str]) -> None:
        self.files = [Path(file) for file in files]
        try:
            self.total: int | None = sum(pl.scan_parquet(f).select(pl.len()).collect().item() for f in self.files)
            for file in self.files:
                missing = set(COLUMNS) - set(pl.scan_parquet(file).collect_schema())
                if missing:
                    raise ReplayError(f"{file}: not a ga360 export: no column {', '.join(sorted(missing))}")
        except (OSError, pl.exceptions.PolarsError) as error:
            raise ReplayError(f"cannot read the file as Parquet: {error}") from None

    def __iter__(self) -> Iterator[Rows]:
        for file in self.files:
            for frame in pl.read_parquet(file, columns=COLUMNS).iter_slices(SLICE):
                yield rows(frame)


def rows(frame: pl.DataFrame) -> Rows:
    """Map a slice of the export."""
    encode = msgspec.json.Encoder().encode
    frame = frame.with_columns(
        pl.format("{}-{}-{}", "visitor", "visitId", "hit").alias("message"),
        pl.from_epoch("ts", time_unit="ms").dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").alias("stamp"),
    )
    columns = frame.select("ts", "visitor", "event", "message", "stamp", *CONTEXT).iter_rows()
    details = frame.select(DETAIL).iter_rows()
    result: Rows = []
    for (ts, visitor, event, message, stamp, channel, dev, country), detail in zip(columns, details, strict=True):
        try:
            kind, name, role, properties = CALLS[event]
        except KeyError:
            raise ReplayError(f"hit {message}: unknown event {event!r}") from None
        call = Call(message, kind, name, visitor, stamp, _context(channel, dev, country), properties(*detail))
        result.append((ts, role, visitor.encode(), encode(call)))
    return result


@lru_cache(maxsize=4096)
def _context(channel: str, device: str, country: str) -> Raw:
    return Raw(msgspec.json.encode({"channel": channel, "device": device, "country": country}))


def _line(product: dict[str, Any], currency: str | UnsetType = UNSET) -> Product:
    return Product(product["sku"], product["price"], UNSET, UNSET, _stated(product["qty"]), currency)


def _stated(value: Any) -> Any:
    return UNSET if value is None else value


def _page(page: str, *_: Any) -> Page:
    return Page(page)


def _product(_page: str, _txid: Any, _revenue: Any, products: list[dict[str, Any]]) -> Product:
    (product,) = products
    line = _line(product, "USD")
    line.name = product["name"]
    if product["cat"] != "(not set)":
        line.category = product["cat"]
    return line


def _nothing(*_: Any) -> UnsetType:
    return UNSET


def _purchase(_page: str, txid: str, revenue: float | None, products: list[dict[str, Any]]) -> Purchase:
    return Purchase(txid, [_line(product) for product in products], _stated(revenue))


Properties = Callable[..., Product | Purchase | Page | UnsetType]

CALLS: dict[str, tuple[str, str | UnsetType, int, Properties]] = {
    "page": ("page", UNSET, CLICKSTREAM, _page),
    "click_item": ("track", "Product Clicked", CLICKSTREAM, _product),
    "view_item": ("track", "Product Viewed", CLICKSTREAM, _product),
    "add_to_cart": ("track", "Product Added", CART, _product),
    "remove_from_cart": ("track", "Product Removed", CART, _product),
    "checkout": ("track", "Checkout Started", CART, _nothing),
    "purchase": ("track", "Order Completed", ORDER, _purchase),
}
