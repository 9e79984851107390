"""Profiles as bytes: MessagePack arrays, read and written by coders built once.

The first element is the layout's number. A newer layout with another meaning gets the next number and a pure function
from the one before (`models.profile.upgrades`); a field that is only added at the end needs neither, since it has a
default.
"""

from __future__ import annotations

import msgspec

from models.kernel.shopper import Profile
from models.profile.upgrades import Profile1, upgrade_1

SCHEMA = 3
"""Layout of everything a shard stores. Code refuses a shard written by a newer one.

3 has profiles of layout 2; beside them a shard knows what was forwarded to it, which older code would forget.
"""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Profile | Profile1)


def encode(profile: Profile) -> bytes:
    """Pack a profile."""
    return _encoder.encode(profile)


def decode(packed: bytes) -> Profile:
    """Unpack a profile.

    Raises `msgspec.DecodeError` if these are not the bytes of a profile of a known layout.

    >>> decode(encode(Profile(1, 2, visits=3))) == Profile(1, 2, visits=3)
    True
    """
    p = _decoder.decode(packed)
    return p if type(p) is Profile else upgrade_1(p)
