"""Mutations of bytes, as a broken disk, a broken encoder or an attacker makes them."""

from __future__ import annotations

from random import Random

TOKENS = (b"\x00", b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xef\xbb\xbf", b"null", b'"', b"\\", b"{", b"}", b"[", b"]")
TOKENS += (
    b",",
    b":",
    b"1e999",
    b"-",
    b"NaN",
    b"Infinity",
    b"0",
    b"\\ud800",
    b"\\u0000",
    b'"event"',
    b"kairos.tick",
    b"\n",
)


def flip(rng: Random, value: bytearray, other: bytes) -> None:
    """One bit."""
    if value:
        value[rng.randrange(len(value))] ^= 1 << rng.randrange(8)


def insert(rng: Random, value: bytearray, other: bytes) -> None:
    """A token that means something in JSON or UTF-8, or a few random bytes."""
    at = rng.randint(0, len(value))
    value[at:at] = rng.choice(TOKENS) if rng.random() < 0.7 else rng.randbytes(rng.randint(1, 6))


def delete(rng: Random, value: bytearray, other: bytes) -> None:
    """A few bytes."""
    at = rng.randint(0, len(value))
    del value[at : at + rng.randint(1, 12)]


def double(rng: Random, value: bytearray, other: bytes) -> None:
    """A part comes twice."""
    at = rng.randint(0, len(value))
    value[at:at] = value[at : at + rng.randint(1, 80)]


def truncate(rng: Random, value: bytearray, other: bytes) -> None:
    """The end is missing."""
    del value[rng.randint(0, len(value)) :]


def splice(rng: Random, value: bytearray, other: bytes) -> None:
    """The end is another message's."""
    del value[rng.randint(0, len(value)) :]
    value += other[rng.randint(0, len(other)) :]


def append(rng: Random, value: bytearray, other: bytes) -> None:
    """Another message follows."""
    value += rng.choice((b"", b"\n", b",", b" ")) + other


WAYS = (flip, flip, insert, insert, delete, double, truncate, splice, append)


def spoil(rng: Random, value: bytes, other: bytes) -> bytes:
    """The bytes with one to three faults; `other` is another message."""
    spoilt = bytearray(value)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        rng.choice(WAYS)(rng, spoilt, other)
    return bytes(spoilt)
