"""Segment's calls as the formats write them. What a file does not say is left out."""

from __future__ import annotations

from typing import TypeVar

from msgspec import UNSET, Raw, Struct, UnsetType
from msgspec.json import Encoder

T = TypeVar("T")

encode = Encoder().encode
"""One call as bytes."""


class Product(Struct, gc=False):
    """One product as Segment names its fields; in a track call of a single product these are the properties."""

    product_id: str | UnsetType = UNSET
    price: float | UnsetType = UNSET
    name: str | UnsetType = UNSET
    category: str | UnsetType = UNSET
    quantity: int | UnsetType = UNSET
    currency: str | UnsetType = UNSET


class Purchase(Struct, gc=False):
    """Properties of Order Completed."""

    order_id: str
    products: list[Product]
    revenue: float | UnsetType = UNSET
    currency: str | UnsetType = UNSET


class Refund(Struct, gc=False):
    """Properties of Order Refunded."""

    refund_id: str
    products: list[Product]
    revenue: float


class Page(Struct, gc=False):
    """Properties of a page call."""

    path: str


class Call(Struct, gc=False):
    """One call. `context` is encoded already, since few contexts are many calls'."""

    messageId: str
    type: str
    event: str | UnsetType
    userId: str
    timestamp: str
    context: Raw | UnsetType = UNSET
    properties: Product | Purchase | Refund | Page | UnsetType = UNSET


def stated(value: T | None) -> T | UnsetType:
    """A value, or nothing at all where there is none."""
    return UNSET if value is None else value
