"""Products a shopper looked at lately, and how often: up to four, in 5 bytes each.

Each is the CRC-32 of the product's id and a count, the least recently viewed first.
"""

from __future__ import annotations

from zlib import crc32

from models.kernel.settings import DAY

KEPT = 4
WIDTH = 5
MOST = 100
"""The highest count that is kept of a product."""

FORGOTTEN_AFTER = 7 * DAY

_COUNTS = [bytes([n]) for n in range(MOST + 1)]


def viewed(views: bytes, looked: int, product: str, e: int) -> bytes:
    """The views with one more of `product` at `e` (ms), where the newest before it was at `looked`.

    >>> views = viewed(viewed(b"", 0, "mug", 5), 5, "mug", 9)
    >>> list(views[4::WIDTH]), len(viewed(views, 9, "cup", 10)), len(viewed(views, 9, "cup", 9 + 8 * DAY))
    ([2], 10, 5)
    """
    if e - looked > FORGOTTEN_AFTER:
        views = b""
    key = crc32(product.encode()).to_bytes(4, "big")
    at = views.find(key)
    while at % WIDTH and at > 0:  # bytes of two neighbours
        at = views.find(key, at + 1)
    if at < 0:
        return views[-(KEPT - 1) * WIDTH :] + key + _COUNTS[1]
    return views[:at] + views[at + WIDTH :] + key + _COUNTS[min(views[at + 4] + 1, MOST)]


def most(views: bytes) -> int:
    """The largest count; 0 without any."""
    return max(views[4::WIDTH], default=0)
