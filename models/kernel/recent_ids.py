"""Deduplication by message id: rings of recent hashes. A message that is in its ring was folded already.

A ring is bytes, 4 a message hash (8 for refunds), oldest first, so that a profile stores it as it is. Thirty-two bits
suffice for rings this short: a false match among 64 entries happens once in 67 million messages.
"""

from __future__ import annotations

from struct import Struct

from models.kernel.events import CLICKSTREAM
from models.kernel.moment import Moment
from models.kernel.record import DecodedRecord
from models.kernel.settings import DAY

CLICK_RING = 16
ACT_RING = 64
WIDTH = 4

_pack = Struct(">I").pack
_CLICKS, _ACTS = CLICK_RING * WIDTH, ACT_RING * WIDTH


def known(ring: bytes, message: int, width: int = WIDTH) -> bool:
    """Whether the hash is in the ring.

    >>> known(remember(b"", 7, 16), 7), known(b"", 7)
    (True, False)
    """
    wanted = message.to_bytes(width, "big")
    at = ring.find(wanted)
    while at >= 0:
        if at % width == 0:
            return True
        at = ring.find(wanted, at + 1)
    return False


def remember(ring: bytes, message: int, size: int, width: int = WIDTH) -> bytes:
    """The ring with the hash added, and without its oldest entry where it held `size` already.

    >>> len(remember(b"\\0" * 64, 7, 16))
    64
    """
    ring += message.to_bytes(width, "big")
    return ring[-size * width :]


def is_duplicate(m: Moment, r: DecodedRecord) -> bool:
    """Whether the message was folded before; remembers it if not. After a day without an event nothing is known."""
    p = m.p
    if m.idle > DAY:
        p.recent_clicks = p.recent_acts = b""
    message, click = _pack(r.message), r.role == CLICKSTREAM
    ring = p.recent_clicks if click else p.recent_acts
    at = ring.find(message)
    while at >= 0:
        if at % WIDTH == 0:
            return True
        at = ring.find(message, at + 1)
    if len(ring) == (_CLICKS if click else _ACTS):
        m.ctx.effects.counts["dedupe_overflow"] += 1
        ring = ring[WIDTH:]
    if click:
        p.recent_clicks = ring + message
    else:
        p.recent_acts = ring + message
    return False
