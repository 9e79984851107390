"""A shopper's visits by hour of the day, kind of device and channel.

Stored as packed bytes inside the profile: they are read only where a visit begins, so that all other events carry them
along for nothing.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct, field

from models.habits.zones import hour
from models.kernel.circumstances import circumstances
from models.kernel.effects import Context
from models.learners.beta import tally

DEVICES, CHANNELS = 4, 6
"""Kinds counted of a shopper."""


class Habits(Struct, array_like=True, gc=False):
    """Pairs kind, number of visits. A device or channel is an id of the shard's vocabulary, or its name."""

    hours: list[int | str] = field(default_factory=list)
    devices: list[int | str] = field(default_factory=list)
    channels: list[int | str] = field(default_factory=list)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Habits).decode


def habits(packed: bytes) -> Habits:
    """Unpack what a profile holds.

    >>> habits(b""), habits(b"\\x93\\x92\\x0d\\x01\\x90\\x90").hours
    (Habits(hours=[], devices=[], channels=[]), [13, 1])
    """
    return _decode(packed) if packed else Habits([], [], [])


_HOURS = [f"visits:hour:{h:02}" for h in range(24)]


def visited(ctx: Context, packed: bytes, e: int, context: msgspec.Raw) -> bytes:
    """Count a visit that began at `e` (ms) with a call of this `context`, for the shopper and for the shop."""
    zone, device, channel = circumstances(context).told()
    counted, local = habits(packed), hour(e, zone)
    tally(counted.hours, local)
    ctx.effects.counts[_HOURS[local]] += 1
    if device:
        _kind(ctx, counted.devices, device, DEVICES, "visits:device:")
    if channel:
        _kind(ctx, counted.channels, channel, CHANNELS, "visits:channel:")
    return _encode(counted)


def _kind(ctx: Context, pairs: list[int | str], name: str, most: int, counter: str) -> None:
    """Count a device or a channel, unless it is one kind too many."""
    known = ctx.vocabulary.ids.get(name, name)
    if len(pairs) >= 2 * most and known not in pairs[::2]:
        return
    kind = ctx.vocabulary.id(name) if known is name else known
    tally(pairs, kind)
    if not isinstance(kind, str):
        ctx.effects.counts[counter + name] += 1
