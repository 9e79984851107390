"""What is in a cart: its operations, sorted by event time, whatever order they arrived in.

Contents are always worked out from the operations, so every arrival order gives the same cart (as long as no more
than `OPERATIONS` are kept one by one; older ones are compacted into a base).
"""

from __future__ import annotations

from bisect import bisect_left
from zlib import crc32

from msgspec import Struct, field

from models.dedupe import WIDTH
from models.events import Line

OPERATIONS = 64
ADD, REMOVE = 1, -1
MOST = 2**53 - 1
"""A cart is never worth more: JSON readers would not take a larger number for what it is."""
HASHES = 256
"""Products of a cart that are remembered by their hash alone."""


def product_hash(product: str) -> bytes:
    """Four bytes that stand for a product's id."""
    return crc32(product.encode()).to_bytes(WIDTH, "big")


def line_size(line: Line) -> int:
    """About how many bytes a line takes as stored."""
    return 8 + len(line.product.encode())


class Operation(Struct, array_like=True, frozen=True, order=True, gc=False):
    """One Product Added or Removed. The order is by event time, then message hash; `price` is -1 if not stated."""

    e: int
    hash: int
    sign: int
    product: str
    quantity: int
    price: int = -1


class Cut(Struct, array_like=True, frozen=True, gc=False):
    """Products of a cart too large to be kept one by one: how many, their pieces, their value in minor units, and the
    4-byte hashes of their ids."""

    products: int = 0
    pieces: int = 0
    value: int = 0
    hashes: bytes = b""


NONE_CUT = Cut()


class Base(Struct, array_like=True, gc=False):
    """The contents up to (e, hash): a snapshot (Cart Updated), or compacted operations."""

    e: int
    hash: int
    snapshot: bool
    lines: list[Line]
    cut: Cut | None = None

    def shrink(self, room: int) -> None:
        """Keep the first products, by id, that fit into so many bytes; of the others their sums."""
        kept, gone, before = list[Line](), list[Line](), self.cut or NONE_CUT
        for line in self.lines:
            room -= line_size(line)
            (kept if room >= 0 else gone).append(line)
        if gone:
            self.lines = kept
            self.cut = Cut(
                before.products + len(gone),
                before.pieces + sum(line.quantity for line in gone),
                min(MOST, before.value + sum(line.quantity * (line.price or 0) for line in gone)),
                (before.hashes + b"".join(product_hash(line.product) for line in gone))[-HASHES * WIDTH :],
            )


class Contents:
    """Products and quantities at some instant, with the newest stated price of each (minor units); and those that are
    known as sums only."""

    __slots__ = ("cut", "prices", "quantities")

    def __init__(self) -> None:
        self.quantities: dict[str, int] = {}
        self.prices: dict[str, int] = {}
        self.cut = NONE_CUT

    @property
    def pieces(self) -> int:
        """All quantities together; 0 if the cart is empty."""
        return sum(self.quantities.values()) + self.cut.pieces

    @property
    def hashes(self) -> bytes:
        """4-byte hashes of the ids of all products."""
        return b"".join(product_hash(product) for product in sorted(self.quantities)) + self.cut.hashes

    def add(self, product: str, quantity: int, price: int | None) -> None:
        """Add to (or, below zero, take from) a product's quantity, which never falls below nothing."""
        if price is not None and price >= 0:
            self.prices[product] = price
        left = self.quantities.get(product, 0) + quantity
        if left > 0:
            self.quantities[product] = left
        else:
            self.quantities.pop(product, None)

    def value(self) -> int:
        """Quantity × price over all products, in minor units; a product without a known price counts 0."""
        return min(MOST, sum(q * self.prices.get(p, 0) for p, q in self.quantities.items()) + self.cut.value)

    def lines(self) -> list[Line]:
        """The products known one by one, by id."""
        return [Line(p, q, self.prices.get(p)) for p, q in sorted(self.quantities.items())]


class Basket(Struct, array_like=True, gc=False):
    """The operations of one cart, and what came before them."""

    ops: list[Operation] = field(default_factory=list)
    base: Base | None = None

    def take(self, op: Operation) -> bool:
        """Put an operation in its place; False if it is older than the base, or is there already."""
        base = self.base
        if base is not None and (op.e <= base.e if base.snapshot else (op.e, op.hash) <= (base.e, base.hash)):
            return False
        at = bisect_left(self.ops, op)
        if at < len(self.ops) and self.ops[at] == op:
            return False
        self.ops.insert(at, op)
        if len(self.ops) > OPERATIONS:
            self.compact(len(self.ops) - OPERATIONS)
        return True

    def replace(self, e: int, message: int, lines: tuple[Line, ...]) -> bool:
        """Take a snapshot: it replaces everything up to its time; False if the base is newer."""
        if self.base is not None and (e, message) <= (self.base.e, self.base.hash):
            return False
        self.base = Base(e, message, True, [line for line in lines if line.quantity])
        self.ops = [op for op in self.ops if op.e > e]
        return True

    def compact(self, count: int) -> None:
        """Turn the oldest `count` operations into the base."""
        newest = self.ops[count - 1]
        contents = self.contents(newest.e, count)
        cut = contents.cut if contents.cut is not NONE_CUT else None
        self.base = Base(newest.e, newest.hash, False, contents.lines(), cut)
        del self.ops[:count]

    def clear(self, e: int) -> None:
        """An order at `e`: everything up to it is bought or given up."""
        if self.base is not None and self.base.e <= e:
            self.base = None
        if self.ops and self.ops[0].e <= e:
            self.ops = [op for op in self.ops if op.e > e]

    def contents(self, until: int | None = None, count: int | None = None) -> Contents:
        """What is in the cart: now, or as of the time `until` (ms, inclusive), from at most `count` operations."""
        contents = Contents()
        if self.base is not None and (until is None or self.base.e <= until):
            for line in self.base.lines:
                contents.add(line.product, line.quantity, line.price)
            contents.cut = self.base.cut or NONE_CUT
        for op in self.ops[:count]:
            if until is not None and op.e > until:
                break
            contents.add(op.product, op.sign * op.quantity, op.price)
        return contents

    @property
    def newest(self) -> int:
        """Event time (ms) of the newest operation, also one without effect; 0 if there is none."""
        if self.ops:
            return self.ops[-1].e
        return self.base.e if self.base is not None else 0
