"""What is in a cart at some instant: lines, their quantities and prices."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from models.carts.naming import Parts, names, word
from models.kernel.events import Line
from models.kernel.recent_ids import WIDTH, known

MOST = 2**53 - 1
"""A cart is never worth more: JSON readers would not take a larger number for what it is."""
HASHES = 256
"""Products of a cart that are remembered by their hash alone."""


class Cut(Struct, array_like=True, frozen=True, gc=False):
    """Lines of a cart too large to be kept one by one: how many, their pieces, their value in minor units, and the
    4-byte hashes of their products' ids."""

    products: int = 0
    pieces: int = 0
    value: int = 0
    hashes: bytes = b""

    def plus(self, lines: Iterable[Line]) -> Cut:
        """These and more lines."""
        gone = list(lines)
        return Cut(
            self.products + len(gone),
            self.pieces + sum(line.quantity for line in gone),
            min(MOST, self.value + sum(line.quantity * (line.price or 0) for line in gone)),
            (self.hashes + b"".join(word(line.product) for line in gone))[-HASHES * WIDTH :],
        )


NONE_CUT = Cut()


class Contents:
    """Lines and their quantities at some instant, with the newest stated price of each (minor units); and those that
    are known as sums only.

    >>> contents = Contents()
    >>> contents.add(("p1", "red", "s1"), 2, 500)
    >>> contents.remove(("s1", "", "s1"), 1)
    >>> contents.quantities, contents.value()
    ({('p1', 'red', 's1'): 1}, 500)
    """

    __slots__ = ("cut", "prices", "quantities")

    def __init__(self) -> None:
        self.quantities: dict[Parts, int] = {}
        self.prices: dict[Parts, int] = {}
        self.cut = NONE_CUT

    @property
    def pieces(self) -> int:
        """All quantities together; 0 if the cart is empty."""
        return sum(self.quantities.values()) + self.cut.pieces

    @property
    def hashes(self) -> bytes:
        """4-byte hashes of what all products are known by: their ids, and skus that are others."""
        found = {word(known_by) for product, _, sku in self.quantities for known_by in (product, sku or product)}
        return b"".join(sorted(found)) + self.cut.hashes

    def beyond(self, hashes: bytes) -> bool:
        """Whether there is a product of which neither id nor sku is among these 4-byte hashes. Another variant of a
        product is none."""
        cut = self.cut.hashes
        found = [(cut[at : at + WIDTH],) * 2 for at in range(0, len(cut), WIDTH)]
        found += [(word(product), word(sku or product)) for product, _, sku in self.quantities]
        return any(not any(known(hashes, int.from_bytes(each, "big")) for each in product) for product in found)

    def add(self, line: Parts, quantity: int, price: int | None) -> None:
        """Add to a line's quantity; a price that is stated is its price from now on."""
        if price is not None and price >= 0:
            self.prices[line] = price
        if quantity:
            self.quantities[line] = self.quantities.get(line, 0) + quantity

    def remove(self, stated: Parts, quantity: int, price: int | None = None) -> None:
        """Take so many (0: all) of what is named: of the line with these very parts first, then of others that they
        name, those with more parts in common first, else in the order of their parts. None falls below nothing."""
        if price is not None and price >= 0:
            self.prices[stated] = price
        if 0 < quantity < self.quantities.get(stated, 0):
            self.quantities[stated] -= quantity
            return
        found = [(-common, line) for line in self.quantities if line != stated and (common := names(stated, line))]
        named = [line for _, line in sorted(found)]
        left = quantity
        for line in [stated, *named] if stated in self.quantities else named:
            held = self.quantities[line]
            taken = held if quantity == 0 else min(held, left)
            left -= taken
            if taken < held:
                self.quantities[line] = held - taken
            else:
                del self.quantities[line]

    def value(self) -> int:
        """Quantity × price over all lines, in minor units; a line without a known price counts 0."""
        total, prices = self.cut.value, self.prices
        for line, quantity in self.quantities.items():
            total += quantity * prices.get(line, 0)
        return min(MOST, total)

    def lines(self) -> list[Line]:
        """The lines known one by one, by their parts."""
        return [
            Line(product, quantity, self.prices.get((product, variant, sku)), variant, sku)
            for (product, variant, sku), quantity in sorted(self.quantities.items())
        ]
