"""What a shard counts of the carts that are open, and takes back when they change: how many of what value, of which
hour, and those that a reminder went out for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from models.carts.cart import Cart
from models.kernel.moment import Moment


class Counted(NamedTuple):
    """What is counted of one cart, by its id: when it changed last (ms), its value (minor units), whether a reminder of
    it went out and has no end yet."""

    cart: str
    changed: int
    value: int
    reminded: bool


def counted(carts: Iterable[Cart]) -> list[Counted]:
    """Of each cart that is open. One that was written before these counts were kept is not, until it changes."""
    return [
        Counted(
            cart.id,
            cart.changed,
            cart.value,
            any(generation.reminded for generation in cart.open),
        )
        for cart in carts
        if cart.value >= 0 and (cart.armed or cart.open)
    ]


def move(m: Moment, before: Iterable[Counted], after: Iterable[Counted]) -> None:
    """Take back what was counted of a shopper's carts, and count what is there now."""
    if before == after:
        return
    for sign, carts in ((-1, before), (1, after)):
        for cart in carts:
            m.ctx.effects.hour("carts_at", cart.changed, sign)
            m.count("carts_value", sign * cart.value)
            if cart.reminded:
                m.count("carts_reminded", sign)
                m.count("carts_reminded_value", sign * cart.value)
