"""One order is one recovery: which of the reminders that it answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from models.carts.cart import Cart, CartSettings, OpenGeneration
from models.carts.naming import word
from models.kernel.events import Line
from models.kernel.recent_ids import known


def answered(
    carts: Iterable[Cart], e: int, cart_id: str, lines: Sequence[Line], settings: CartSettings
) -> OpenGeneration | None:
    """The generation that an order at `e` (ms) recovers; None if there is none.

    Of several it is the one that held most of the order's lines, by product or sku; among equals one of the cart that
    the order names; else the one that fired last.

    Parameters
    ----------
    carts
        The carts that the order closes.
    cart_id, lines
        The cart and the products that the order names; "" and none if it does not.
    """
    found = [(cart, each) for cart in carts for each in cart.open if each.recovered_by(e, settings)]
    if len(found) < 2:
        return found[0][1] if found else None
    named = {(word(line.product), word(line.sku or line.product)) for line in lines}

    def rank(candidate: tuple[Cart, OpenGeneration]) -> tuple[int, bool, int, int, str]:
        cart, each = candidate
        held = sum(any(known(each.products, int.from_bytes(known_by, "big")) for known_by in line) for line in named)
        return held, cart.id == cart_id, each.at, each.anchor, cart.id

    return max(found, key=rank)[1]
