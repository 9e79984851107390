"""The fingerprint of a message that profiles remember instead of its whole id."""

from __future__ import annotations

from hashlib import blake2b
from zlib import crc32


def message_hash(message: str | None, value: bytes) -> int:
    """32 bits that stand for a message: CRC-32 of its messageId, else (none, or "") BLAKE2b of the whole value.

    >>> message_hash("m-1", b"{}") == crc32(b"m-1")
    True
    >>> message_hash(None, b"{}") == message_hash("", b"{}") != message_hash(None, b"{ }")
    True
    """
    if message:
        return crc32(message.encode())
    return int.from_bytes(blake2b(value, digest_size=4).digest(), "big")
