"""The schema of inputs: Segment's calls as tagged unions of msgspec, whose decoders are built here once.

An event's *name* decides what it is, whatever its topic and `type`. Where there is no `event`, `type` decides: a page
call, an identify call, a tick. What a call means is in its own `to_event`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.json import Decoder

from models.decoding.segment_calls import Browse, Call, Other, Page, ProductClicked, Tick, UserErased
from models.decoding.segment_carts import CartUpdated, CartViewed, CheckoutStarted, ProductAdded, ProductRemoved
from models.decoding.segment_consent import ConsentUpdated, Identify, Subscribed, Unsubscribed
from models.decoding.segment_orders import OrderCancelled, OrderCompleted, OrderRefunded, OrderUpdated

TRACKED: tuple[type[Call], ...] = (
    *Browse.__subclasses__(),
    ProductClicked,
    ProductAdded,
    ProductRemoved,
    CartUpdated,
    CartViewed,
    CheckoutStarted,
    OrderCompleted,
    OrderUpdated,
    OrderRefunded,
    OrderCancelled,
    ConsentUpdated,
    Unsubscribed,
    Subscribed,
    UserErased,
)


def _tag(call: type[Call]) -> str:
    return str(call.__struct_config__.tag)


def _union(calls: tuple[type[Call], ...]) -> Any:
    union: Any = calls[0]
    for call in calls[1:]:
        union = union | call
    return union


NAMES = {_tag(call): call for call in TRACKED}
"""The type of call, by the name of its event."""

TYPES: dict[str, type[Call]] = {_tag(call): call for call in (Page, Identify, Tick)}
"""The type of call, by its `type`, where its event is none of `NAMES`."""

_by_name = Decoder(_union(TRACKED)).decode
by_type: Callable[[bytes], Page | Identify | Tick] = Decoder(_union(tuple(TYPES.values()))).decode
"""Decode a message by its `type`; raises as `decode`."""
_other = Decoder(Other).decode


def decode(value: bytes) -> Call:
    """Decode a message into a typed call, in one pass where its name is known.

    Parameters
    ----------
    value
        The record's value.

    Raises
    ------
    ValueError
        It is not JSON, or breaks a type of the contract (`msgspec.DecodeError`, `UnicodeDecodeError`).
    RecursionError
        It is nested deeper than the decoder goes.
    """
    try:
        if value.find(b'"event"') >= 0:
            return _by_name(value)  # type: ignore[no-any-return]
        call = by_type(value)
    except msgspec.ValidationError:
        pass
    else:
        if not call.event:
            return call
    return _unnamed(value)


def _unnamed(value: bytes) -> Call:
    """A call whose name is not in the contract. One with a known name failed for another reason, which is raised."""
    call = _other(value)
    if call.event in NAMES:
        return _by_name(value)  # type: ignore[no-any-return]
    if call.type in TYPES and not call.event:
        return by_type(value)
    return call
