"""Online Retail (UCI; Chen 2015): a British gift shop's invoice lines, 2010-12 to 2011-12, as orders and refunds.

All lines of an invoice are one order; those of a cancellation, whose number begins with C, one refund. The file does
not say which order a cancellation takes back, so the refund names none and counts for net only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import msgspec
import polars as pl
from msgspec import Raw

from kairos.errors import ReplayError
from kairos.replay.calls import Call, Product, Purchase, Refund, encode, stated
from kairos.replay.columns import NUMBER, TEXT, TIME, WHOLE, explained, filled, parquet
from kairos.replay.csv_table import csv
from kairos.replay.row import Row, Rows
from kairos.replay.stream import check
from kairos.terminal.times import stamp
from models.kernel.events import ORDER
from models.kernel.settings import SharedSettings

INVOICE = {"InvoiceNo": TEXT, "CustomerID": NUMBER.optional, "InvoiceDate": TIME, "Country": TEXT.optional}
LINE = {"StockCode": TEXT, "Description": TEXT.optional, "Quantity": WHOLE, "UnitPrice": NUMBER}
COLUMNS = INVOICE | LINE
NOBODY = "lines without CustomerID, left out"
NO_TRADE = "lines that neither sell nor take back (corrections of stock, bad debts), left out"
SLICE = 2_000

SOLD = pl.col("InvoiceNo").str.contains(r"^\d") & (pl.col("Quantity") > 0)
TAKEN_BACK = pl.col("InvoiceNo").str.starts_with("C") & (pl.col("Quantity") < 0)


class OnlineRetail:
    """One row an invoice, in the order of time.

    Parameters
    ----------
    files
        Parquet with the columns of the published sheet, or the sheet as CSV.
    shop
        Its `max_products` bounds how many products an order lists; `revenue` is that of all its lines.

    Raises
    ------
    ReplayError
        A file cannot be read, a column is missing, or something in one is not as it must be.
    """

    def __init__(self, files: Sequence[str], shop: SharedSettings) -> None:
        check(files)
        lines = pl.concat(_lines(file) for file in files)
        known = lines.filter(pl.col("CustomerID").is_not_null())
        traded = known.filter((SOLD | TAKEN_BACK) & (pl.col("UnitPrice") >= 0))
        self.left_out = {NOBODY: len(lines) - len(known), NO_TRADE: len(known) - len(traded)}
        self._most = shop.limits.max_products
        self._invoices = (
            traded.group_by("InvoiceNo", "CustomerID", maintain_order=True)
            .agg(pl.col("InvoiceDate").min(), pl.col("Country").first(), pl.struct(*LINE).alias("lines"))
            .sort("InvoiceDate", maintain_order=True)
        )
        self.total: int | None = len(self._invoices)

    def __iter__(self) -> Iterator[Rows]:
        for part in self._invoices.iter_slices(SLICE):
            yield [self._row(*invoice) for invoice in part.iter_rows()]

    def _row(self, invoice: str, user: str, at: int, country: str | None, lines: list[dict[str, Any]]) -> Row:
        products = [_product(**line) for line in lines[: self._most]]
        worth = float(sum(Decimal(repr(line["UnitPrice"])) * abs(line["Quantity"]) for line in lines))
        name, said = (
            ("Order Refunded", Refund(invoice, products, worth))
            if invoice.startswith("C")
            else ("Order Completed", Purchase(invoice, products, worth))
        )
        context = Raw(msgspec.json.encode({"location": {"country": country}} if country else {}))
        return at, ORDER, user.encode(), encode(Call(invoice, "track", name, user, stamp(at), context, said))


def _product(StockCode: str, Description: str | None, Quantity: int, UnitPrice: float) -> Product:
    return Product(StockCode, UnitPrice, stated(Description), quantity=abs(Quantity))


def _lines(file: str) -> pl.DataFrame:
    """The lines of one file: customers as text without decimals, times in ms."""
    if file.endswith(".xlsx"):
        raise ReplayError(f"{file}: a spreadsheet; save it as CSV, with its header")
    if file.endswith(".parquet"):
        with explained(file):
            found = parquet(file, COLUMNS).collect()
        filled(file, found, COLUMNS)
    else:
        found = csv(file, COLUMNS, quote='"').select(*COLUMNS)
    return found.with_columns(
        pl.col("CustomerID").cast(pl.Float64).fill_nan(None).cast(pl.Int64).cast(pl.String),
        pl.col("InvoiceDate").dt.epoch("ms"),
        pl.col("Quantity").cast(pl.Int64),
        pl.col("UnitPrice").cast(pl.Float64),
    )
