"""Columns of a table: that they are there, of the kind a format needs, and without gaps where it needs none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import polars as pl

from kairos.errors import ReplayError, WrongFile
from kairos.replay.stream import STDIN, shown

TIMES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%m/%d/%Y %H:%M")
"""How times without a zone look as text: ISO 8601, or as American spreadsheets write them."""


class Kind(NamedTuple):
    """What a column holds: in words; as a type; and read from text (null where the text is something else).
    Only a column that is not `needed` may have gaps."""

    expected: str
    fits: Callable[[pl.DataType], bool] = lambda dtype: True
    read: Callable[[pl.Expr], pl.Expr] = lambda text: text
    needed: bool = True

    @property
    def optional(self) -> Kind:
        """The same, with gaps."""
        return self._replace(needed=False)


def _number(text: pl.Expr) -> pl.Expr:
    number = text.cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def _time(text: pl.Expr) -> pl.Expr:
    return pl.coalesce(text.str.to_datetime(form, strict=False, time_unit="ms") for form in TIMES)


def _no_zone(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.Datetime) and dtype.time_zone is None


WHOLE = Kind("whole numbers", lambda dtype: dtype.is_integer(), lambda text: text.cast(pl.Int64, strict=False))
NUMBER = Kind("numbers", lambda dtype: dtype.is_numeric(), _number)
TEXT = Kind("text", lambda dtype: dtype == pl.String())
TIME = Kind("times without a zone", _no_zone, _time)

Columns = Mapping[str, Kind]


def parquet(file: str, columns: Columns) -> pl.LazyFrame:
    """The columns of a Parquet file; none of its rows is read yet.

    Raises
    ------
    ReplayError
        It is not Parquet, or lacks one of the columns, or one is of another kind.
    """
    if file == STDIN:
        raise ReplayError("Parquet is read from files, not from standard input")
    with explained(file):
        schema = pl.scan_parquet(file).collect_schema()
    present(file, schema.names(), columns)
    for name, kind in columns.items():
        if not kind.fits(schema[name]) and schema[name] != pl.Null():
            raise ReplayError(f"{file}: column {name}: {schema[name]}, expected {kind.expected}")
    return pl.scan_parquet(file).select(*columns)


def present(file: str, found: Sequence[str], columns: Columns) -> None:
    """Raises WrongFile where columns are missing."""
    if missing := sorted(set(columns) - set(found)):
        raise WrongFile(f"{shown(file)}: no column {', '.join(missing)} (needed: {', '.join(columns)})")


def filled(file: str, frame: pl.DataFrame, columns: Columns, first: int = 1) -> None:
    """Raises ReplayError for a gap in a needed column, or a number that is none. `first` is the first row's number."""
    for name, kind in columns.items():
        column = frame[name]
        gaps = ~column.is_finite().fill_null(value=False) if column.dtype.is_float() else column.is_null()
        if kind.needed and gaps.any():
            row = first + gaps.arg_true()[0]
            raise ReplayError(f"{file}: row {row}: column {name}: {column[row - first]}, expected {kind.expected}")


@contextmanager
def explained(file: str) -> Iterator[None]:
    """What polars raises about a file, as a ReplayError."""
    try:
        yield
    except (OSError, pl.exceptions.PolarsError) as error:
        first, *_ = str(error).splitlines() or [type(error).__name__]
        raise ReplayError(f"{shown(file)}: cannot be read: {first}") from None
