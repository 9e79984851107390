"""`kairos tables`, and `replay --tables`: the tables of cuts, shown and given."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import msgspec
from rich.console import Console

from kairos.errors import ReplayError, UsageError
from kairos.terminal.lines import say
from models.kernel.boundaries import boundary
from models.kernel.settings import DAY, LANDMARK, SharedSettings
from models.rfm import cuts
from models.rfm.cuts import NAME, Cuts
from models.rfm.sketch import GAMMA
from sinks.read_model import pinned
from sinks.store import ReadModel


class Shelf(Protocol):
    """Where tables are kept: any store."""

    def keep_table(self, name: str, version: int, value: bytes) -> bytes:
        """Store a table unless it is there; answers the one that is there now."""
        ...


def stored(reader: ReadModel) -> list[Cuts]:
    """All tables of cuts, oldest first."""
    return [Cuts.decode(value) for value in reader.tables(NAME).values()]


def show(console: Console, reader: ReadModel, *, as_json: bool) -> None:
    """Print every table, one a line; as JSON they are what `replay --tables` takes."""
    tables = stored(reader)
    if as_json:
        for table in tables:
            print(table.encode().decode())
        return
    shards = pinned(reader, NAME)
    for table in (cuts.FIXED, *tables):
        say(console, line(table, shards[table.version]))


def line(table: Cuts, shards: int) -> str:
    """One table in words, and how many shards judge by it.

    >>> line(Cuts(), 8)
    'cuts/0: fixed; R falls after 14, 30, 60, 120 days; F from 2, 3, 4, 6 orders; M from 25, 50, 100, 250 (8 shards)'
    """
    held = f" ({shards} shards)" if shards else ""
    name = f"{NAME}/{table.version}"
    if table.version and table.fixed:
        return f"{name}: {table.buyers:,} buyers, too few or not known for long enough: the fixed cuts stay{held}"
    said = "fixed" if not table.version else f"{table.buyers:,} buyers"
    days, orders = (", ".join(map(str, numbers)) for numbers in (table.recency, table.frequency))
    money = ", ".join(f"{amount / 100:,.0f}" for amount in spending(table))
    return f"{name}: {said}; R falls after {days} days; F from {orders} orders; M from {money}{held}"


def spending(table: Cuts) -> list[float]:
    """Where M begins to be 2, 3, 4, 5 for somebody whose last order was at the table's date, in minor units."""
    if not table.half_life:
        return [float(amount) for amount in table.monetary]
    faded = (boundary(table.version) - LANDMARK) / table.half_life
    return [GAMMA**bucket / 2**faded for bucket in table.monetary]


def given(path: str, shop: SharedSettings) -> list[Cuts]:
    """Read the tables of a file, one JSON object a line.

    Raises
    ------
    ReplayError
        The file cannot be read, or a line is no table; names the line.
    UsageError
        A table was computed with another half-life.
    """
    try:
        lines = Path(path).read_bytes().splitlines()
    except OSError as error:
        raise ReplayError(f"{path}: {error.strerror or error}") from None
    tables = []
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            table = Cuts.decode(text)
            boundary(table.version)
        except (msgspec.DecodeError, ValueError) as error:
            raise ReplayError(f"{path}, line {number}: no table of `kairos tables --json`: {error}") from None
        if table.half_life not in (0, shop.half_life):
            raise UsageError(
                f"{path}, line {number}: computed with a half-life of {table.half_life / DAY:g} days; "
                f"set KAIROS_HALF_LIFE={table.half_life / DAY:g}d"
            )
        tables.append(table)
    return tables


def pin(tables: Iterable[Cuts], shelf: Shelf) -> None:
    """Put tables where shards will find them. UsageError if another one is there already."""
    for table in tables:
        value = table.encode()
        if Cuts.decode(shelf.keep_table(NAME, table.version, value)) != table:
            raise UsageError(
                f"--tables: {NAME}/{table.version} is there already and differs; "
                "use another KAIROS_NAMESPACE, or leave it out"
            )
