"""The operations of a cart, sorted by event time, whatever order they arrived in.

Contents are always worked out from the operations, so every arrival order gives the same cart (as long as no more
than `OPERATIONS` are kept one by one; older ones are compacted into a base).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct, field

from models.carts.contents import NONE_CUT, Contents, Cut
from models.carts.naming import Parts, parts
from models.kernel.events import Line

OPERATIONS = 64
ADD, REMOVE = 1, -1


def line_size(line: Line) -> int:
    """About how many bytes a line takes as stored."""
    return 10 + len(line.product.encode()) + len(line.variant.encode()) + len(line.sku.encode())


class Operation(Struct, array_like=True, frozen=True, order=True, gc=False):
    """One line added or removed. The order is by event time, then message hash; `price` is -1 if not stated."""

    e: int
    hash: int
    sign: int
    product: str
    quantity: int
    price: int = -1
    variant: str = ""
    sku: str = ""

    @property
    def parts(self) -> Parts:
        """What it states of its product."""
        return self.product, self.variant, self.sku


def operations(e: int, message: int, sign: int, lines: Sequence[Line]) -> list[Operation]:
    """Operations of one message that adds or removes lines."""
    return [
        Operation(e, message, sign, x.product, x.quantity, -1 if x.price is None else x.price, x.variant, x.sku)
        for x in (merged(lines, sign) if len(lines) > 1 else lines)
    ]


def merged(lines: Iterable[Line], sign: int = ADD) -> list[Line]:
    """Lines of one message, those with the same parts as one: of all their pieces (of a removal that says 0: all there
    are), at the price stated last.

    >>> merged([Line("p", 1, 500), Line("q", 1), Line("p", 2)])
    [Line(product='p', quantity=3, price=500, variant='', sku=''), Line(product='q', quantity=1, ... sku='')]
    """
    found: dict[Parts, Line] = {}
    for line in lines:
        stated = parts(line)
        before = found.get(stated)
        found[stated] = line if before is None else _together(before, line, sign)
    return list(found.values())


def _together(one: Line, other: Line, sign: int) -> Line:
    everything = sign == REMOVE and not (one.quantity and other.quantity)
    quantity = 0 if everything else one.quantity + other.quantity
    return Line(one.product, quantity, one.price if other.price is None else other.price, one.variant, one.sku)


class Base(Struct, array_like=True, gc=False):
    """The contents up to (e, hash): a snapshot (Cart Updated), or compacted operations."""

    e: int
    hash: int
    snapshot: bool
    lines: list[Line]
    cut: Cut | None = None

    def shrink(self, room: int) -> None:
        """Keep the first lines, by their parts, that fit into so many bytes; of the others their sums."""
        kept, gone = list[Line](), list[Line]()
        for line in self.lines:
            room -= line_size(line)
            (kept if room >= 0 else gone).append(line)
        if gone:
            self.lines, self.cut = kept, (self.cut or NONE_CUT).plus(gone)


class Basket(Struct, array_like=True, gc=False):
    """The operations of one cart, and what came before them."""

    ops: list[Operation] = field(default_factory=list)
    base: Base | None = None

    def take(self, ops: Sequence[Operation]) -> bool:
        """Put the operations of one message in their places; False if it is older than the base, or all are there
        already."""
        taken = False
        for op in ops:
            base = self.base
            if base is not None and (op.e <= base.e if base.snapshot else (op.e, op.hash) <= (base.e, base.hash)):
                return False
            at = bisect_left(self.ops, op)
            if at == len(self.ops) or self.ops[at] != op:
                self.ops.insert(at, op)
                taken = True
        if len(self.ops) > OPERATIONS:
            self.compact(len(self.ops) - OPERATIONS)
        return taken

    def replace(self, e: int, message: int, lines: Sequence[Line]) -> bool:
        """Take a snapshot: it replaces everything up to its time; False if the base is newer."""
        if self.base is not None and (e, message) <= (self.base.e, self.base.hash):
            return False
        self.base = Base(e, message, True, [line for line in merged(lines) if line.quantity])
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

    def drop(self, until: int, bought: Callable[[Parts], bool]) -> None:
        """Forget lines of operations and of a base up to `until` (ms) that were bought."""
        if self.base is not None and self.base.e <= until:
            self.base.lines = [line for line in self.base.lines if not bought(parts(line))]
        if self.ops and self.ops[0].e <= until:
            self.ops = [op for op in self.ops if op.e > until or not bought(op.parts)]

    def contents(self, until: int | None = None, count: int | None = None) -> Contents:
        """What is in the cart: now, or as of the time `until` (ms, inclusive), from at most `count` operations."""
        contents = Contents()
        if self.base is not None and (until is None or self.base.e <= until):
            for line in self.base.lines:
                contents.add(parts(line), line.quantity, line.price)
            contents.cut = self.base.cut or NONE_CUT
        add, remove = contents.add, contents.remove
        for op in self.ops[:count]:
            if until is not None and op.e > until:
                break
            stated = op.product, op.variant, op.sku
            (add if op.sign == ADD else remove)(stated, op.quantity, op.price)
        return contents

    @property
    def newest(self) -> int:
        """Event time (ms) of the newest operation, also one without effect; 0 if there is none."""
        if self.ops:
            return self.ops[-1].e
        return self.base.e if self.base is not None else 0
