"""CDNOW: the purchases of a cohort of 23,570 new customers, 1997-01 to 1998-06 (Fader and Hardie 2001), as orders.

Both files are columns of text, one purchase a line: the master (id, date, CDs, dollars) and the sample of every tenth
customer, which has a second id. The first id, which both share, is the user.

References
----------
P. S. Fader and B. G. S. Hardie (2001), Forecasting repeat sales at CDNOW: a case study, *Interfaces* 31(3), S94-S107;
their convention: all that a customer buys in a day is one transaction.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from kairos.errors import ReplayError
from kairos.replay.calls import Call, Product, Purchase, encode
from kairos.replay.lines import lines
from kairos.replay.row import Row, Rows
from kairos.replay.stream import check, shown
from models.kernel.events import ORDER
from models.kernel.settings import HOUR

COLUMNS = ("customer_id", "date", "number_of_cds", "dollar_value")
FORMS = (
    ("an id", re.compile(r"\S+")),
    ("a date as YYYYMMDD", re.compile(r"\d{8}", re.ASCII)),
    ("a whole number", re.compile(r"\d+", re.ASCII)),
    ("an amount", re.compile(r"\d+(\.\d+)?", re.ASCII)),
)
"""What each column holds."""
NOON = 12 * HOUR
"""Purchases have no hour. At noon in UTC they keep their date in every time zone from -12 to +11 hours."""
BATCH = 10_000


class Bought(NamedTuple):
    """What was bought in one day, so far; `at` in ms."""

    at: int
    cds: int
    dollars: Decimal


class Cdnow:
    """One row for each day on which a customer bought, in the order of time.

    Raises `ReplayError` for the first line that is not as it must be.
    """

    def __init__(self, files: Sequence[str]) -> None:
        check(files)
        days: dict[tuple[str, str], Bought] = {}
        for file in files:
            for number, fields in _fields(file):
                _add(days, f"{shown(file)}: line {number}", fields)
        self._days = sorted(days.items(), key=lambda day: day[1].at)
        self.total: int | None = len(self._days)
        self.left_out: dict[str, int] = {}

    def __iter__(self) -> Iterator[Rows]:
        rows = (_row(user, date, bought) for (user, date), bought in self._days)
        while batch := list(islice(rows, BATCH)):
            yield batch


def _fields(file: str) -> Iterator[tuple[int, list[str]]]:
    """The fields of each line with its number; blank lines and a header, which has no digit, are left out."""
    number = 0
    for batch in lines(file):
        for line in batch:
            number += 1
            fields = line.decode(errors="replace").split()
            if fields and not (number == 1 and not re.search(rb"\d", line)):
                yield number, fields


def _add(days: dict[tuple[str, str], Bought], where: str, fields: list[str]) -> None:
    if len(fields) == len(COLUMNS) + 1:
        del fields[1]
    if len(fields) != len(COLUMNS):
        raise ReplayError(f"{where}: {len(fields)} columns, expected {', '.join(COLUMNS)}")
    for column, (form, pattern), field in zip(COLUMNS, FORMS, fields, strict=True):
        if not pattern.fullmatch(field):
            raise ReplayError(f"{where}: column {column}: {field[:40]!r}, expected {form}")
    user, date, cds, dollars = fields
    try:
        at = _noon(date)
    except ValueError:
        raise ReplayError(f"{where}: column date: {date!r}, which is no day") from None
    before = days.get((user, date), Bought(at, 0, Decimal(0)))
    days[user, date] = Bought(at, before.cds + int(cds), before.dollars + Decimal(dollars))


@lru_cache(maxsize=1024)
def _noon(date: str) -> int:
    """Noon of a day in ms.

    >>> _noon("19970101")
    852120000000
    """
    return int(datetime.strptime(date, "%Y%m%d").replace(tzinfo=UTC).timestamp()) * 1000 + NOON


def _row(user: str, date: str, bought: Bought) -> Row:
    order = f"{user}-{date}"
    cds = Product(name="CD", quantity=bought.cds)
    said = Purchase(order, [cds], float(bought.dollars), "USD")
    stamp = f"{date[:4]}-{date[4:6]}-{date[6:]}T12:00:00Z"
    return (
        bought.at,
        ORDER,
        user.encode(),
        encode(Call(order, "track", "Order Completed", user, stamp, properties=said)),
    )
