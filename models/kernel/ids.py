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
    return sealed(spelt(*parts))


def spelt(*parts: Part) -> bytes:
    """The parts as an id is made of them: each with its type, as one letter, and its length in bytes.

    Those that many ids begin with can be spelt once. Raises TypeError as `digest` does.

    >>> spelt("user-tags", "é") + spelt(-3, None)
    b's9:user-tagss2:\\xc3\\xa9i2:-3n0:'
    """
    found = b""
    for part in parts:
        if type(part) is str:
            found += text(part)
        elif type(part) is int:  # no bool, which is one too
            found += number(part)
        elif type(part) is bytes:
            found += b"b%d:%b" % (len(part), part)
        elif part is None:
            found += b"n0:"
        else:
            raise TypeError(f"an id is made of text, whole numbers, bytes and None, not {type(part).__name__}")
    return found


def text(part: str) -> bytes:
    """A text alone, as `spelt` has it."""
    return f"s{len(part) if part.isascii() else len(part.encode())}:{part}".encode()


def number(part: int) -> bytes:
    """A whole number alone, as `spelt` has it."""
    digits = f"{part}"
    return f"i{len(digits)}:{digits}".encode()


def sealed(spelt: bytes) -> str:
    """The id of parts as `spelt` has them."""
    begun = _begin()  # a copy of a hash costs less than a new one
    begun.update(spelt)
    return begun.hexdigest()


_begin = blake2b(digest_size=16).copy
