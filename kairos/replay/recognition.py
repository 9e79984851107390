"""Whether a file holds calls at all. One that is something else is refused after its first values, with nothing sent:
a dead letter for each of its lines would help nobody.

A value is taken for a call, however wrong it is, if it is a JSON object with any of a call's fields. So a file is
refused only if not one of its first values is; whatever comes later are dead letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from kairos.errors import WrongFile
from kairos.replay.stream import shown

FIRST = 100
"""Values among which there must be a call."""
FIELDS = frozenset(
    {"type", "event", "name", "userid", "anonymousid", "messageid", "timestamp", "originaltimestamp", "sentat"}
    | {"receivedat", "properties", "traits", "context", "batch"}
)
"""Fields of a call, and of a batch of them, in lower case without underscores."""
MAGIC = {
    b"PAR1": "Parquet",
    b"PK\x03\x04": "a zip archive, as an .xlsx is one",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"BZh": "a file packed by bzip2",
    b"\xfd7zXZ\x00": "a file packed by xz",
    b"SQLite format 3": "an SQLite database",
    b"Obj\x01": "Avro",
    b"ORC": "ORC",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
    b"<": "XML or HTML",
}
"""How files begin that are taken for something else."""
LISTED = 8
"""Columns or keys named in a message, at most."""
ADVICE = (
    "Calls must be JSON, one a line or in an array; `--format` reads a few other data sets (`kairos replay --help`); "
    "docs/feeds.md says how to make calls of other exports"
)


def recognized(file: str, batches: Iterable[list[bytes]]) -> Iterator[list[bytes]]:
    """The values of a file, held back only until the first that is a call.

    Raises
    ------
    WrongFile
        There is none among the first.
    """
    source, held = iter(batches), list[bytes]()
    for batch in source:
        held += [value for line in batch if (value := line.strip())]
        if any(map(is_call, held[:FIRST])):
            yield held
            yield from source
            return
        if len(held) >= FIRST:
            break
    if held:
        raise WrongFile(f"{shown(file)}: holds no calls; it looks like {looks_like(held[0])}. {ADVICE}")


def is_call(value: bytes) -> bool:
    """Whether a value is a JSON object with any field of a call.

    >>> is_call(b'{"Event": 7}'), is_call(b'{"event_time": 7}'), is_call(b'"event"'), is_call(b"event,type")
    (True, False, False, False)
    """
    return not FIELDS.isdisjoint(re.sub("[_ -]", "", name).lower() for name in _keys(value))


def _keys(value: bytes) -> list[str]:
    """Those of a JSON object; none of anything else."""
    try:
        found = msgspec.json.decode(value)
    except (ValueError, RecursionError):
        return []
    return list(found) if isinstance(found, dict) else []


def looks_like(first: bytes) -> str:
    """What a file is, by its first line or value.

    >>> looks_like(b"PAR1..."), looks_like(b"time;user;item"), looks_like(b'{"id":1}')
    ('Parquet', 'a table with the columns time, user, item', 'JSON objects with the keys id')
    """
    for magic, name in MAGIC.items():
        if first.startswith(magic):
            return name
    if b"\0" in first:
        return "a binary file"
    if keys := _keys(first):
        return f"JSON objects with the keys {_listed(keys)}"
    if first.startswith((b"{", b"[")):
        return "JSON of another kind, such as one object over several lines"
    text = first.decode(errors="replace")
    columns = max((text.split(separator) for separator in ",;\t|"), key=len)
    if len(columns) > 1:
        return f"a table with the columns {_listed([name.strip().strip(chr(34)) for name in columns])}"
    return "text that is not JSON"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(name[:40] for name in names[:LISTED]) + more
