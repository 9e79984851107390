"""How events look as JSON: Segment's calls, as tagged unions of msgspec. The decoders are built here, once.

An event's *name* decides what it is, whatever its topic and `type`. Where there is no `event`, `type` does: a page
call, a tick. What a call means is told by its own `read`.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.json import Decoder

from models.wire_browse import Browse, Page, ProductClicked
from models.wire_call import Call, Other, Tick, UserErased
from models.wire_cart import CartUpdated, CartViewed, CheckoutStarted, ProductAdded, ProductRemoved
from models.wire_order import OrderCancelled, OrderCompleted, OrderRefunded, OrderUpdated

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
"""Name of an event -> what it is."""

TYPES: dict[str, type[Call]] = {_tag(call): call for call in (Page, Tick)}
"""`type` of a call without an event we know -> what it is."""

_by_name = Decoder(_union(TRACKED)).decode
_by_type = Decoder(_union(tuple(TYPES.values()))).decode
_other = Decoder(Other).decode


def decode(value: bytes) -> Call:
    """One message as a typed call, in one pass where its name is known.

    Parameters
    ----------
    value
        The record's value.

    Raises
    ------
    ValueError
        It is no JSON, or breaks a type of the contract (`msgspec.DecodeError`, `UnicodeDecodeError`).
    RecursionError
        It is nested deeper than the decoder goes.
    """
    try:
        if value.find(b'"event"') >= 0:
            return _by_name(value)  # type: ignore[no-any-return]
        call: Page | Tick = _by_type(value)
    except msgspec.ValidationError:
        pass
    else:
        if not call.event:
            return call
    return _unnamed(value)


def name(value: bytes) -> str:
    """What a message that `decode` takes calls itself: the name of its event, else its type."""
    call = decode(value)
    return (call.event or call.type or "") if isinstance(call, Other) else _tag(type(call))


def _unnamed(value: bytes) -> Call:
    """A call whose name is not in the contract. One with a known name was refused for another reason: raise that."""
    call = _other(value)
    if call.event in NAMES:
        return _by_name(value)  # type: ignore[no-any-return]
    if call.type in TYPES:
        return _by_type(value)  # type: ignore[no-any-return]
    return call
