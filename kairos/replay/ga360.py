"""The flattened Google Analytics 360 export: one row a hit, as Parquet, to Segment's calls.

A page is a `page` call; clicks and views of products are clickstream, adds, removals and checkouts cart, purchases
orders. The visitor is the user; nothing is invented that the row does not say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import msgspec
import polars as pl
from msgspec import UNSET, Raw, UnsetType

from kairos.errors import ReplayError
from kairos.replay.calls import Call, Page, Product, Purchase, encode, stated
from kairos.replay.columns import NUMBER, TEXT, WHOLE, Kind, explained, filled, parquet
from kairos.replay.row import Rows
from kairos.replay.stream import check
from models.kernel.events import CART, CLICKSTREAM, ORDER

FIELDS = ("sku", "name", "cat", "price", "qty")


def _products(dtype: pl.DataType) -> bool:
    inner = dtype.inner if isinstance(dtype, pl.List) else None
    return isinstance(inner, pl.Struct) and {field.name for field in inner.fields}.issuperset(FIELDS)


IDENTITY = {"ts": WHOLE, "visitor": TEXT, "visitId": WHOLE, "hit": WHOLE, "event": TEXT}
DETAIL = {
    "page": TEXT.optional,
    "txid": TEXT.optional,
    "revenue": NUMBER.optional,
    "products": Kind(f"lists of {', '.join(FIELDS)}", _products, needed=False),
}
CONTEXT = {"channel": TEXT.optional, "dev": TEXT.optional, "country": TEXT.optional}
COLUMNS = IDENTITY | DETAIL | CONTEXT
SLICE = 20_000


class Ga360:
    """Rows of one file or several, in file order.

    Raises `ReplayError` for a file that is not such an export.
    """

    def __init__(self, files: Sequence[str]) -> None:
        check(files)
        self._hits = {file: parquet(file, COLUMNS) for file in files}
        self.total: int | None = sum(hits.select(pl.len()).collect().item() for hits in self._hits.values())
        self.left_out: dict[str, int] = {}

    def __iter__(self) -> Iterator[Rows]:
        for file, hits in self._hits.items():
            with explained(file):
                frame = hits.collect()
            filled(file, frame, IDENTITY)
            for part in frame.iter_slices(SLICE):
                yield rows(part)


def rows(frame: pl.DataFrame) -> Rows:
    """Map a slice of the export. Raises ReplayError for a hit that says what no such export says."""
    frame = frame.with_columns(
        pl.format("{}-{}-{}", "visitor", "visitId", "hit").alias("message"),
        pl.from_epoch("ts", time_unit="ms").dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").alias("stamp"),
    )
    columns = frame.select("ts", "visitor", "event", "message", "stamp", *CONTEXT).iter_rows()
    details = frame.select(*DETAIL).iter_rows()
    result: Rows = []
    for (ts, visitor, event, message, stamp, channel, device, country), detail in zip(columns, details, strict=True):
        try:
            kind, name, role, properties = CALLS[event]
        except KeyError:
            raise ReplayError(f"hit {message}: column event: unknown event {event!r}") from None
        try:
            said = properties(*detail)
        except (TypeError, ValueError):
            raise ReplayError(f"hit {message}: column products: not what comes with {event!r}") from None
        call = Call(message, kind, name, visitor, stamp, _context(channel, device, country), said)
        result.append((ts, role, visitor.encode(), encode(call)))
    return result


@lru_cache(maxsize=4096)
def _context(channel: str | None, device: str | None, country: str | None) -> Raw:
    context = {
        "device": {"type": device} if device else None,
        "campaign": {"medium": channel} if channel else None,
        "location": {"country": country} if country else None,
    }
    return Raw(msgspec.json.encode({name: value for name, value in context.items() if value}))


def _line(product: dict[str, Any]) -> Product:
    return Product(product["sku"], product["price"], quantity=stated(product["qty"]))


def _page(page: str | None, *_: Any) -> Page:
    return Page(page or "")


def _product(_page: Any, _txid: Any, _revenue: Any, products: list[dict[str, Any]]) -> Product:
    (product,) = products
    line = _line(product)
    line.currency = "USD"
    line.name = stated(product["name"])
    if product["cat"] != "(not set)":
        line.category = stated(product["cat"])
    return line


def _nothing(*_: Any) -> UnsetType:
    return UNSET


def _purchase(_page: Any, txid: str, revenue: float | None, products: list[dict[str, Any]]) -> Purchase:
    return Purchase(txid, [_line(product) for product in products], stated(revenue), "USD")


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
