"""The dearest of the carts that are open in a shard, in bounded room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from models.carts.cart import Cart
from models.kernel.moment import Moment

TOP_CARTS = "top_carts"
"""The list's name, and that of its field in ``:stats``."""
KEPT = 32
"""Carts of a shard that are listed."""


class TopCart(NamedTuple):
    """An open cart: what is in it is worth (minor units), whose it is, its id, how many pieces; when it changed last,
    and when the newest reminder of it went out (event time, ms; 0: none did)."""

    value: int
    user: str
    cart: str
    pieces: int
    changed: int
    reminded: int


def order(cart: TopCart) -> tuple[int, str, str]:
    """The dearest first, the same order everywhere."""
    return -cart.value, cart.user, cart.cart


_encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(list[TopCart]).decode


class Dearest:
    """The dearest of the carts that were offered. Implements `models.kernel.effects.Listed`.

    Every change of an open cart offers it, its end removes it; where there is no more room the cheapest leaves. So the
    list is exact for what was offered since it was last full: a cart that had to leave comes back at its next change.
    """

    def __init__(self) -> None:
        self._carts: dict[tuple[str, str], TopCart] = {}
        self._cheapest: TopCart | None = None  # None: not known

    def restore(self, text: str) -> None:
        """Go on from what `encode` gave; "": from nothing."""
        self._carts = {(cart.user, cart.cart): cart for cart in (decode(text) if text else ())}
        self._cheapest = None

    def encode(self) -> str:
        """The list, the dearest first, as JSON.

        >>> dearest = Dearest()
        >>> [dearest.offer(TopCart(value, "u", cart, 1, 5, 0)) for value, cart in ((900, "a"), (950, "b"), (900, "a"))]
        [True, True, False]
        >>> dearest.encode()
        '[[950,"u","b",1,5,0],[900,"u","a",1,5,0]]'
        """
        return _encode(sorted(self._carts.values(), key=order)).decode()

    def takes(self, user: str, cart: str, value: int) -> bool:
        """Whether a cart of this value would be listed."""
        if len(self._carts) < KEPT or (user, cart) in self._carts:
            return True
        return (-value, user, cart) < order(self._last())

    def offer(self, cart: TopCart) -> bool:
        """List a cart that `takes` lets in, or what has changed of it. True if that changes the list."""
        key = cart.user, cart.cart
        if self._carts.get(key) == cart:
            return False
        if key not in self._carts and len(self._carts) >= KEPT:
            last = self._last()
            del self._carts[last.user, last.cart]
        self._carts[key] = cart
        self._cheapest = None
        return True

    def remove(self, user: str, cart: str) -> bool:
        """The cart is open no more. True if that changes the list."""
        self._cheapest = None
        return self._carts.pop((user, cart), None) is not None

    def _last(self) -> TopCart:
        if self._cheapest is None:
            self._cheapest = max(self._carts.values(), key=order)
        return self._cheapest


def offer(m: Moment, carts: Sequence[Cart], before: Iterable[str]) -> None:
    """List a shopper's open carts as they are now, and no more those of `before` that are over. A cart written before
    its value was kept comes with its next change."""
    dearest: Dearest = m.ctx.lists[TOP_CARTS]
    there, changed = set(), False
    for cart in carts:
        if cart.value < 0 or not (cart.armed or cart.open):
            continue
        there.add(cart.id)
        if dearest.takes(m.user, cart.id, cart.value):
            reminded = max([at for each in cart.open if each.reminded for _, at in each.said()], default=0)
            pieces = cart.basket.contents().pieces
            changed |= dearest.offer(TopCart(cart.value, m.user, cart.id, pieces, cart.changed, reminded))
    for gone in set(before) - there:
        changed |= dearest.remove(m.user, gone)
    if changed:
        m.ctx.effects.listed.add(TOP_CARTS)
