"""The table of tolerance: how each field of a message is read where it is not as the contract has it.

A message that is right as it stands never comes here. Of any other each field is read by this table: coerced where its
meaning is plain, else ignored where the main fact stands without it, else the reason for a dead letter.
docs/contract.md has the table, made of this one.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from msgspec import Struct

from models.decoding import coercion
from models.decoding.coercion import Reader

Wrong = Literal["refused", "ignored"]
REFUSED: Wrong = "refused"
IGNORED: Wrong = "ignored"


class Field(NamedTuple):
    """How one field is read.

    Attributes
    ----------
    read
        What its values may mean.
    wrong
        What becomes of the message if they mean nothing.
    """

    read: Reader
    wrong: Wrong


ID, SIDE_ID = Field(coercion.ident, REFUSED), Field(coercion.ident, IGNORED)
SIDE_TEXT = Field(coercion.text, IGNORED)
AMOUNT, SIDE_AMOUNT = Field(coercion.amount, REFUSED), Field(coercion.amount, IGNORED)
SIDE_FLAG = Field(coercion.flag, IGNORED)

FIELDS: dict[str, Field] = {
    "userId": ID,
    "anonymousId": ID,
    "messageId": SIDE_ID,
    "order_id": ID,
    "refund_id": ID,
    "cart_id": ID,
    "AmountProperties.cart_id": SIDE_ID,
    "product_id": SIDE_ID,
    "sku": SIDE_ID,
    "name": SIDE_TEXT,
    "variant": SIDE_TEXT,
    "category": SIDE_TEXT,
    "price": SIDE_AMOUNT,
    "PricedItem.price": AMOUNT,
    "quantity": AMOUNT,
    "revenue": AMOUNT,
    "total": AMOUNT,
    "currency": SIDE_TEXT,
    "AmountProperties.currency": Field(coercion.text, REFUSED),
    "coupon": SIDE_TEXT,
    "discount": Field(coercion.reduction, IGNORED),
    "rating": Field(coercion.number, IGNORED),
    "results_count": Field(coercion.count, IGNORED),
    "lang": SIDE_TEXT,
    "review_body": Field(coercion.anything, IGNORED),
    "channel": SIDE_TEXT,
    "granted": SIDE_FLAG,
    "channels": SIDE_FLAG,
    "consent": SIDE_FLAG,
    "traits": SIDE_FLAG,
}
"""By name; `Struct.name` is that of one type of properties and of those made from it, and goes first. (The lists and
objects `products` and `properties` are read by `models.decoding.properties`; of `channels`, `consent` and `traits` what
is meant is each of the members that are looked at.)"""


def field(struct: type[Struct], name: str) -> Field:
    """How a field of a type of properties is read. KeyError: the table does not have it.

    >>> from models.decoding.segment_carts import CartReference
    >>> from models.decoding.segment_orders import OrderProperties
    >>> field(OrderProperties, "cart_id").wrong, field(CartReference, "cart_id").wrong
    ('ignored', 'refused')
    """
    for owner in struct.__mro__:
        if found := FIELDS.get(f"{owner.__name__}.{name}"):
            return found
    return FIELDS[name]
