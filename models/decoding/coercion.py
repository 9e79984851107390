"""Coercion: values of another type than the contract's, read as what they must mean.

A reader takes a JSON value and answers what it means, with the word for how it was coerced ("" where it was right as it
was). Shops' plug-ins write prices as text, ids as numbers, PHP's empty lists for what is absent.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

AS_IT_IS = ""
NUMBER, TEXT, EMPTY_LIST, FIRST, NEGATIVE, BLANK = "number", "text", "empty_list", "first", "negative", "blank"
SINGLE, NUMBERED, WEIGHT, FLAG = "single", "numbered", "weight", "flag"

MEANING = {
    NUMBER: "a number where text belongs is its text",
    TEXT: "plain decimal text where a number belongs is that number",
    BLANK: "blank text where a number, an id, or true or false belongs is nothing",
    EMPTY_LIST: "`[]`, PHP's empty array, is nothing",
    FIRST: "of a list of texts the first counts",
    NEGATIVE: "a negative discount is its amount",
    SINGLE: "one product where a list belongs is a list of one",
    NUMBERED: "an object with the keys 0, 1, 2 ... where a list belongs is the list of its values",
    WEIGHT: "a fractional quantity is a line by weight: one piece at price × quantity",
    FLAG: "the text `true` or `false` in any letter case, 1 or 0, where true or false belongs is that",
}
"""What each word for a coercion means: rows of docs/contract.md."""

_DECIMAL = re.compile(r"\s*([+-]?\d{1,30}(?:\.\d{0,30})?)\s*", re.ASCII)

Reader = Callable[[Any], tuple[Any, str]]


class Unreadable(ValueError):
    """A value that cannot mean anything where it stands. The message says what belongs there."""


def ident(value: Any) -> tuple[str | None, str]:
    """An id: text, or a whole number.

    >>> ident(10452), ident(7.0), ident([]), ident(" ")
    (('10452', 'number'), ('7', 'number'), (None, 'empty_list'), (None, 'blank'))
    """
    if isinstance(value, str):
        return (value, AS_IT_IS) if not value or value.strip() else (None, BLANK)
    if isinstance(value, int | float) and _whole(value):
        return str(int(value)), NUMBER
    return _nothing(value, "an id is text or a whole number")


def text(value: Any) -> tuple[str | None, str]:
    """A text that is no id.

    >>> text(["shoes", "sale"]), text(42), text("x")
    (('shoes', 'first'), ('42', 'number'), ('x', ''))
    """
    if isinstance(value, str):
        return value, AS_IT_IS
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value), NUMBER
    if isinstance(value, list) and value and isinstance(value[0], str):
        return value[0], FIRST
    return _nothing(value, "text belongs here")


def number(value: Any) -> tuple[float | None, str]:
    """A number, below 0 too. (JSON has finite ones only.)

    >>> number("59.90"), number(" -5 "), number(3), number("")
    ((59.9, 'text'), (-5, 'text'), (3, ''), (None, 'blank'))
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value, AS_IT_IS
    if isinstance(value, str):
        if not value.strip():
            return None, BLANK
        if match := _DECIMAL.fullmatch(value):
            return _shortest(match[1]), TEXT
    return _nothing(value, "a number belongs here")


def amount(value: Any) -> tuple[float | None, str]:
    """A number, 0 or more."""
    found, how = number(value)
    if found is not None and found < 0:
        raise Unreadable("a number of 0 or more belongs here")
    return found, how


def count(value: Any) -> tuple[int | None, str]:
    """A whole number, 0 or more."""
    found, how = amount(value)
    if found is None or found == int(found):
        return (found if found is None else int(found)), how
    raise Unreadable("a whole number belongs here")


def reduction(value: Any) -> tuple[float | None, str]:
    """A discount: its size, whatever its sign.

    >>> reduction("-5.00"), reduction(2)
    ((5, 'negative'), (2, ''))
    """
    found, how = number(value)
    return (found, how) if found is None or found >= 0 else (-found, NEGATIVE)


def flag(value: Any) -> tuple[bool | None, str]:
    """True or false.

    >>> flag(False), flag("TRUE"), flag(0), flag(" ")
    ((False, ''), (True, 'flag'), (False, 'flag'), (None, 'blank'))
    """
    if isinstance(value, bool):
        return value, AS_IT_IS
    if isinstance(value, str):
        if not (said := value.strip().casefold()):
            return None, BLANK
        if said in ("true", "false"):
            return said == "true", FLAG
    elif isinstance(value, int | float) and value in (0, 1):
        return value == 1, FLAG
    return _nothing(value, "true or false belongs here")


def anything(value: Any) -> tuple[str | None, str]:
    """A text; whatever is none counts as absent."""
    return (value if isinstance(value, str) else None), AS_IT_IS


COERCIONS: dict[Reader, tuple[str, ...]] = {
    ident: (NUMBER, BLANK, EMPTY_LIST),
    text: (NUMBER, FIRST, EMPTY_LIST),
    number: (TEXT, BLANK, EMPTY_LIST),
    amount: (TEXT, BLANK, EMPTY_LIST),
    count: (TEXT, BLANK, EMPTY_LIST),
    reduction: (TEXT, BLANK, EMPTY_LIST, NEGATIVE),
    flag: (FLAG, BLANK, EMPTY_LIST),
    anything: (),
}
"""What each reader coerces."""


def _whole(value: float) -> bool:
    """Whether a number, written as text, has no fraction and no exponent."""
    return not isinstance(value, bool) and (isinstance(value, int) or (abs(value) < 1e15 and value == int(value)))


def _shortest(decimal: str) -> float:
    """The number of a decimal text, whole where it has no fraction."""
    found = float(decimal)
    return int(found) if abs(found) < 1e15 and found == int(found) else found


def _nothing(value: Any, expected: str) -> tuple[None, str]:
    """Nothing, if that is what the value says; else `Unreadable`."""
    if value is None:
        return None, AS_IT_IS
    if value == [] and isinstance(value, list):
        return None, EMPTY_LIST
    raise Unreadable(expected)
