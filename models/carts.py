"""What is in a cart: its operations, sorted by event time, whatever order they arrived in.

Contents are always worked out from the operations, so every arrival order gives the same cart (as long as no more
than `OPERATIONS` are kept one by one; older ones are compacted into a base).
"""

from __future__ import annotations

from bisect import bisect_left

from msgspec import Struct, field

from models.events import Line

OPERATIONS = 64
ADD, REMOVE = 1, -1
MOST = 2**53 - 1
"""A cart is never worth more: JSON readers would not take a larger number for what it is."""


class Operation(Struct, array_like=True, frozen=True, order=True, gc=False):
    """One Product Added or Removed. The order is by event time, then message hash; `price` is -1 if not stated."""

    e: int
    hash: int
    sign: int
    product: str
    quantity: int
    price: int = -1


class Base(Struct, array_like=True, gc=False):
    """The contents up to (e, hash): a snapshot (Cart Updated), or compacted operations."""

    e: int
    hash: int
    snapshot: bool
    lines: list[Line]


class Contents:
    """Products and quantities at some instant, with the newest stated price of each (minor units)."""

    __slots__ = ("prices", "quantities")

    def __init__(self) -> None:
        self.quantities: dict[str, int] = {}
        self.prices: dict[str, int] = {}

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
        return min(MOST, sum(q * self.prices.get(p, 0) for p, q in self.quantities.items()))

    def lines(self) -> list[Line]:
        """The products, by id."""
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
        self.base = Base(newest.e, newest.hash, False, contents.lines())
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
