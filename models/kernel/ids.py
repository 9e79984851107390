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
    spelt = b""
    for part in parts:  # each with its type, as one letter, and its length
        if type(part) is str:
            raw = part.encode()
            spelt += b"s%d:%b" % (len(raw), raw)
        elif type(part) is int:  # no bool, which is one too
            raw = b"%d" % part
            spelt += b"i%d:%b" % (len(raw), raw)
        elif type(part) is bytes:
            spelt += b"b%d:%b" % (len(part), part)
        elif part is None:
            spelt += b"n0:"
        else:
            raise TypeError(f"an id is made of text, whole numbers, bytes and None, not {type(part).__name__}")
    return blake2b(spelt, digest_size=16).hexdigest()
