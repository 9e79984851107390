"""What is coerced, ignored and refused, field by field: the table of docs/contract.md."""

from __future__ import annotations

from kairos.contract.tables import table, written
from models.decoding.coercion import COERCIONS, EMPTY_LIST, MEANING, NUMBERED, SINGLE, WEIGHT
from models.decoding.fields import FIELDS, IGNORED, REFUSED

WHERE = {
    "AmountProperties": "of an order or a refund",
    "PricedItem": "in a line of an order or a refund",
}
"""Types of properties that have a row of their own, in words."""
LISTS = {
    "properties": ((EMPTY_LIST,), "refused on cart events that change a cart and on orders, else ignored"),
    "products": ((SINGLE, NUMBERED, WEIGHT), f"{REFUSED}; of an order or a refund: {IGNORED} if an amount is stated"),
    "receivedAt, sentAt": ((), IGNORED),
}
"""Rows of what is no single value."""


def page(text: str) -> str:
    """docs/contract.md with its tables of tolerance written anew."""
    meanings = table(("counted as", "means"), [(f"`{word}`", meaning) for word, meaning in MEANING.items()])
    rows: list[tuple[str, str, str]] = [
        (_named(name), _words(COERCIONS[field.read]), field.wrong) for name, field in FIELDS.items()
    ]
    rows += [(_code(name), _words(words), wrong) for name, (words, wrong) in LISTS.items()]
    return written(text, "tolerance", f"{meanings}\n\n{table(('field', 'coerced', 'where it is wrong'), rows)}")


def _named(name: str) -> str:
    owner, _, field = name.rpartition(".")
    return f"{_code(field)} {WHERE[owner]}" if owner else _code(name)


def _code(names: str) -> str:
    return ", ".join(f"`{name}`" for name in names.split(", "))


def _words(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words) or "-"
