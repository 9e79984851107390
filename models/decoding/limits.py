"""Limits of a message: how deeply it is nested, how long its ids and strings are, how many products it names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from models.decoding.money import Converter
from models.decoding.rejections import ABSURD_QUANTITY, MISSING_ID, TOO_LARGE, WRONG_TYPE, ContractViolation
from models.kernel.settings import SharedSettings

MAX_DEPTH = 256
"""Levels of objects and arrays. msgspec recurses and gives up where Python's stack ends, which depends on the caller
and on the Python. Whether a record is good must depend on the record alone, so this limit is far below any stack's."""

SHALLOW = 2 * MAX_DEPTH
"""A message of at most so many bytes cannot be nested too deeply: each level takes two."""

ZEROS_AND_BLANKS = frozenset("0{}- \t\r\n\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") | {
    *map(chr, range(0x2000, 0x200B))
}
"""First and last characters of zeros, and of blanks as `str.strip` knows them."""

_ZEROS = re.compile("[{]?[0-]*0[0-]*[}]?")
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[{]+|[\]}]+', re.DOTALL)


def too_deep(value: bytes) -> bool:
    """Whether objects and arrays are nested more than `MAX_DEPTH` deep. Linear in the size of the message.

    >>> too_deep(b"[" * 256 + b"]" * 256), too_deep(b"[" * 257 + b"]" * 257), too_deep(b'"' + b"[" * 600 + b'"')
    (False, True, False)
    """
    if value.count(b"{") + value.count(b"[") <= MAX_DEPTH:
        return False
    depth = 0
    for match in _TOKEN.finditer(value):
        token = match.group()
        if token[0] in b"[{":
            depth += len(token)
            if depth > MAX_DEPTH:
                return True
        elif token[0] in b"]}":
            depth -= len(token)
    return False


def _either_case(characters: Iterable[str]) -> frozenset[str]:
    return frozenset(form for character in characters for form in (character.lower(), character.upper()))


class LimitChecker:
    """Checks of a message's fields by the shop's settings. One checker serves one message after the other.

    Attributes
    ----------
    tolerant
        Whether the message is read tolerantly; else a call may raise `Untidy`.
    limits
        The shop's limits.
    money
        The converter to the shop's currency, which has limits of its own.
    nobody_ends
        Last characters of ids that may be nobody's: any other id is somebody's, which is quickly seen.
    cut
        Strings cut since it was last set to 0.
    """

    def __init__(self, settings: SharedSettings, *, tolerant: bool = False) -> None:
        self.tolerant = tolerant
        self.limits = settings.limits
        self._nobody = frozenset(name.strip().casefold() for name in settings.nobody)
        self._nobody_starts = _either_case(name[0] for name in self._nobody if name) | ZEROS_AND_BLANKS
        self.nobody_ends = _either_case(name[-1] for name in self._nobody if name) | ZEROS_AND_BLANKS
        self._max_string = settings.limits.max_string
        self.money = Converter(settings)
        self.cut = 0

    def text(self, value: str | None) -> str:
        """A string that is no id, cut to `max_string` characters; "" where there is none."""
        if not value or len(value) <= self._max_string:
            return value or ""
        return self._cut(value, self._max_string)

    def review(self, value: str | None) -> str:
        """The text of a review, cut to `max_review` characters; "" where there is none."""
        most = self.limits.max_review
        return value or "" if not value or len(value) <= most else self._cut(value, most)

    def _cut(self, value: str, most: int) -> str:
        self.cut += 1
        return value[:most]

    def nobody(self, text: str) -> bool:
        """Whether a program wrote this id where it knew nobody: a name of the setting in any case, blanks, zeros (a
        UUID's too).

        >>> check = LimitChecker(SharedSettings())
        >>> [check.nobody(text) for text in ("Null", " ", "00000000-0000-0000-0000-000000000000", "u0", "guest-1")]
        [True, True, True, False, False]
        """
        if text[-1] not in self.nobody_ends or text[0] not in self._nobody_starts:
            return False
        stripped = text.strip().casefold()
        return not stripped or stripped in self._nobody or bool(_ZEROS.fullmatch(stripped))

    def ident(self, name: str, value: str | None) -> str:
        """The id of the field `name` as it is; "" where there is none, or nobody's.

        Raises
        ------
        ContractViolation
            `too_large`: it has more than `max_id_bytes` bytes of UTF-8.
        """
        if not value or (value[-1] in self.nobody_ends and self.nobody(value)):
            return ""
        limit = self.limits.max_id_bytes
        if len(value) * 4 > limit and len(value.encode()) > limit:
            raise ContractViolation(TOO_LARGE, f"{name} has more than {limit} bytes")
        return value

    def required_ident(self, name: str, value: str | None) -> str:
        """An id that must be there. Raises ContractViolation: `missing_id`, or `too_large` as `ident`."""
        if found := self.ident(name, value):
            return found
        raise ContractViolation(MISSING_ID, f"{name} is missing")

    def quantity(self, stated: float | None) -> int:
        """The quantity of one product: whole, at most `max_quantity`; 1 where none is stated.

        Raises
        ------
        ContractViolation
            `wrong_type`: it is not whole. `absurd_quantity`: it is over the limit.

        Examples
        --------
        >>> check = LimitChecker(SharedSettings())
        >>> check.quantity(None), check.quantity(2.0)
        (1, 2)
        """
        if stated is None:
            return 1
        whole = int(stated)
        if whole != stated:
            raise ContractViolation(WRONG_TYPE, "a quantity is not whole")
        if whole > (most := self.limits.max_quantity):
            raise ContractViolation(ABSURD_QUANTITY, f"a quantity is over {most}: {whole}"[:100])
        return whole

    def products(self, count: int) -> None:
        """Nothing for up to `max_products` products; for more, ContractViolation `too_large`."""
        if count > self.limits.max_products:
            raise ContractViolation(TOO_LARGE, f"{count} products, more than {self.limits.max_products}")
