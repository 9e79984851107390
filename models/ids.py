"""Deterministic ids: the same parts give the same id, whoever asks and how often."""

from __future__ import annotations

from hashlib import blake2b

Part = str | int | bytes | None


def digest(*parts: Part) -> str:
    """128 bits of BLAKE2b over the parts, as 32 hex digits.

    Every part goes in with its type and its length, so that neither ("ab", "c") and ("a", "bc") nor 1 and "1"
    nor None and "" can share an id.

    Parameters
    ----------
    parts
        What the id stands for: text, whole numbers of any size, bytes, None.

    Raises
    ------
    TypeError
        A part is of another type (a bool or a float has no one spelling).

    Examples
    --------
    >>> digest("user-tags", "u42", 3) == digest("user-tags", "u42", 3)
    True
    >>> digest("a", "bc") == digest("ab", "c")
    False
    >>> len(digest())
    32
    """
    state = blake2b(digest_size=16)
    for part in parts:
        kind, raw = _spell(part)
        state.update(b"%c%d:" % (kind, len(raw)))
        state.update(raw)
    return state.hexdigest()


def _spell(part: Part) -> tuple[bytes, bytes]:
    """A part's type as one letter, and its bytes."""
    match part:
        case None:
            return b"n", b""
        case str():
            return b"s", part.encode()
        case bytes():
            return b"b", part
        case int() if not isinstance(part, bool):
            return b"i", b"%d" % part
        case _:
            raise TypeError(f"an id is made of text, whole numbers, bytes and None, not {type(part).__name__}")
