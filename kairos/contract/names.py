"""Which names of events are understood, and by which fields: the tables of docs/feeds.md."""

from __future__ import annotations

from kairos.contract.tables import table, written
from models.decoding.conventions import CONTRACT, CONVENTIONS, Convention, Fields


def page(text: str) -> str:
    """docs/feeds.md with its tables written anew, one a convention."""
    return written(text, "names", "\n\n".join(_section(c) for c in CONVENTIONS if c is not CONTRACT))


def _section(convention: Convention) -> str:
    events = dict.fromkeys(convention.names.values())
    rows = [(_named(convention, event), event, _fields(convention.of.get(event, {}))) for event in events]
    own = any(row[2] for row in rows)
    heads = ("their names", "ours", "their fields → ours")
    parts = [f"### {convention.title}", table(heads[: 2 + own], [row[: 2 + own] for row in rows])]
    if said := _everywhere(convention):
        parts.append(said)
    return "\n\n".join([*parts, f"Source: {convention.source}."])


def _named(convention: Convention, event: str) -> str:
    return ", ".join(theirs for theirs, ours in convention.names.items() if ours == event)


def _everywhere(convention: Convention) -> str:
    parts = [("On all of them", convention.fields), ("In each product", convention.lines)]
    return " ".join(f"{where}: {_fields(fields)}." for where, fields in parts if fields)


def _fields(fields: Fields) -> str:
    return ", ".join(f"`{theirs}` → `{ours}`" for theirs, ours in fields.items())
