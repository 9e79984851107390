"""What orders bought, remembered for a while: a shop reports changes of a cart after its order, too.

Browsers and plug-ins send the cart once more, put into it what was just paid for, or take it out line by line. Such an
operation counts as bought, whether it or the order comes first: it lies at most `order_grace` after the order, and is
about the cart that the order names, or about a product of that order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from models.carts.naming import Hashed, Parts, hashed, names, parts, word
from models.kernel.events import Line
from models.kernel.recent_ids import WIDTH

RECEIPTS = 16
"""Orders of a shopper within `order_grace` that are remembered at most: the newest."""
LINES = 32
"""Lines of them that are remembered at most, those of the newest order first."""


class Receipt(Struct, array_like=True, frozen=True, order=True, gc=False):
    """An order that closes every cart: its event time (ms), and 4-byte hashes of the cart it names (b"": none) and of
    its lines' products, skus and variants (`skus` and `variants` are b"" where no line states one)."""

    e: int
    cart: bytes = b""
    products: bytes = b""
    skus: bytes = b""
    variants: bytes = b""

    def lines(self) -> Iterator[Hashed]:
        """What each line states of its product."""
        for at in range(0, len(self.products), WIDTH):
            product, variant, sku = (
                int.from_bytes(column[at : at + WIDTH], "big") for column in (self.products, self.variants, self.skus)
            )
            yield product, variant, sku

    def first(self, lines: int) -> Receipt:
        """The same order with no more than its first lines."""
        end = lines * WIDTH
        return Receipt(self.e, self.cart, self.products[:end], self.skus[:end], self.variants[:end])

    def has(self, stated: Parts) -> bool:
        """Whether the order has a line that this can mean."""
        other = hashed(stated)
        return any(names(line, other) for line in self.lines())

    def spans(self, e: int, grace: int) -> bool:
        """Whether an operation at `e` lies at most `grace` after the order (both ms)."""
        return self.e < e <= self.e + grace


def receipt(e: int, cart: str, lines: Sequence[Line]) -> Receipt:
    """The receipt of an order at `e` (ms) with these lines; `cart` is "" if it names none.

    >>> bought = receipt(1_000, "", [Line("p1", 1), Line("p2", 1, variant="red")])
    >>> [bought.has(stated) for stated in (("p1", "", ""), ("p2", "blue", ""), ("p3", "", ""))]
    [True, False, False]
    """
    stated = list(dict.fromkeys(map(parts, lines)))[:LINES]
    products, variants, skus = (b"".join(word(line[part]) for line in stated) for part in range(3))
    return Receipt(
        e, word(cart) if cart else b"", products, skus if any(skus) else b"", variants if any(variants) else b""
    )


def remember(receipts: Sequence[Receipt], new: Receipt, cleared: int, grace: int) -> list[Receipt]:
    """The receipts that still matter, newest first, after one more.

    The same are kept whatever order they come in. Operations up to `cleared` (ms), the newest order, are bought anyway.
    """
    found = sorted((*receipts, new), reverse=True) if new.cart or new.products else receipts
    kept, room = list[Receipt](), LINES
    for each in found[:RECEIPTS]:
        if each.e + grace > cleared:
            kept.append(each.first(room))
            room -= len(kept[-1].products) // WIDTH
    return kept


def left(
    receipts: Sequence[Receipt], cart: str, e: int, lines: tuple[Line, ...], grace: int
) -> tuple[Line, ...] | None:
    """Those lines of an operation at `e` (ms) that no order bought; None if its whole cart was."""
    for bought in receipts:
        if bought.spans(e, grace):
            if bought.cart == word(cart):
                return None
            lines = tuple(line for line in lines if not bought.has(parts(line)))
    return lines
