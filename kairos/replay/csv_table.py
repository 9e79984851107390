"""CSV files, packed or not, with or without a header, each field checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from kairos.errors import ReplayError
from kairos.replay.columns import Columns, Kind, explained, present
from kairos.replay.lines import lines
from kairos.replay.stream import STDIN, opened, shown

LINE = "#line"
"""Column of the line's number in its file, from 1."""
MORE = "#more"
"""Column of what is beyond the last one."""


def csv(file: str, columns: Columns, names: Sequence[str] | None = None, quote: str | None = None) -> pl.DataFrame:
    """The columns of a CSV file, and `LINE`. Blank lines are left out.

    Parameters
    ----------
    file
        Packed or not; `-` is standard input.
    columns
        Those that are wanted, and of which kind.
    names
        All columns in their order, for a file that may lack a header: a first line without any digit is one.
    quote
        What encloses a field that has commas in it.

    Raises
    ------
    ReplayError
        The file cannot be read, lacks a column, or a field is of another kind, or missing.
    """
    source = _bytes(file) if file == STDIN else file
    first = _first(source)
    headed = names is None or re.fullmatch(r"\D+", first) is not None
    found = list(names) if names and not headed else _header(first, quote, columns)
    present(file, found, columns)
    with explained(file):
        table = _scan(source, found, headed, quote)
        wrong = pl.any_horizontal(pl.col(MORE).is_not_null(), *(_wrong(name, columns[name]) for name in columns))
        for row in table.filter(wrong).head(1).collect(engine="streaming").iter_rows(named=True):
            raise ReplayError(f"{shown(file)}: line {row[LINE]}: {_explain(row, found, columns)}")
        read = [kind.read(pl.col(name)).alias(name) for name, kind in columns.items()]
        return table.select(LINE, *read).collect(engine="streaming")


def _scan(source: str | bytes, names: Sequence[str], headed: bool, quote: str | None) -> pl.LazyFrame:
    """All fields as text: polars would not say which one is no number."""
    return pl.scan_csv(
        source,
        has_header=False,
        skip_lines=int(headed),
        schema=dict.fromkeys([*names, MORE], pl.String()),
        missing_columns="insert",
        truncate_ragged_lines=True,
        quote_char=quote,
        encoding="utf8-lossy",
        row_index_name=LINE,
        row_index_offset=1 + headed,
    ).filter(~pl.all_horizontal(pl.col(names).is_null()))


def _wrong(name: str, kind: Kind) -> pl.Expr:
    nothing = kind.read(pl.col(name)).is_null()
    return nothing if kind.needed else nothing & pl.col(name).is_not_null()


def _explain(row: Mapping[str, Any], names: Sequence[str], columns: Columns) -> str:
    """What is wrong with a line, as text."""
    one = pl.DataFrame([row], schema_overrides=dict.fromkeys(names, pl.String()))
    for name, kind in columns.items():
        if one.select(_wrong(name, kind)).item():
            said = "nothing" if row[name] is None else repr(row[name][:40])
            return f"column {name}: {said}, expected {kind.expected}"
    return f"more than {len(names)} columns"


def _header(first: str, quote: str | None, columns: Columns) -> list[str]:
    """Names of a header, as `columns` spells them: case, spaces and underscores make no difference.

    >>> from kairos.replay.columns import TEXT, WHOLE
    >>> _header('"User ID",Note', '"', {"user_id": WHOLE, "other": TEXT})
    ['user_id', 'Note']
    """
    spelt = {_plain(name): name for name in columns}
    fields = [field.strip().strip(quote or "") for field in first.removeprefix("\ufeff").split(",")]
    return [spelt.get(_plain(field), field) for field in fields]


def _plain(name: str) -> str:
    return re.sub(r"[\s_]", "", name).lower()


def _first(source: str | bytes) -> str:
    line = source.partition(b"\n")[0] if isinstance(source, bytes) else next(lines(source), [b""])[0]
    return line.decode(errors="replace").strip()


def _bytes(file: str) -> bytes:
    with opened(file) as stream:
        return b"".join(iter(lambda: stream.read1(1 << 20), b""))
