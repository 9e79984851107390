"""What is in a cart: a function of the set of its operations and of the orders, whatever the order they came in."""

from __future__ import annotations

import math
from typing import NamedTuple

from models.kernel.events import Added, Amended, Line, Ordered, Removed, Replaced
from tests.reference.history import Own

Change = Added | Removed | Replaced


class Op(NamedTuple):
    """One operation. Operations sort by time, ties by the hash of their message."""

    e: int
    message: int
    change: Change


def newest_order(history: list[Own]) -> float:
    """e of the newest order, valid or not: it emptied every cart up to then. Only first reports are orders."""
    seen: dict[str, int] = {}
    for own in history:
        if isinstance(own.event, Ordered | Amended):
            seen.setdefault(own.event.order, own.e)
    return max(seen.values(), default=-math.inf)


def carts(history: list[Own]) -> list[str]:
    """Names of the carts anything happened in."""
    return sorted({own.event.cart for own in history if isinstance(own.event, Change)})


def surviving(history: list[Own], cart: str, *, until: float = math.inf) -> list[Op]:
    """The cart's operations with e <= `until` that no order cleared, oldest first.

    They are a set: an operation repeated beyond the memory for duplicates is there already.
    """
    cleared, ops = newest_order(history), dict[Op, Op]()
    for own in history:
        if isinstance(own.event, Change) and own.event.cart == cart and cleared < own.e <= until:
            op = Op(own.e, own.message, own.event)
            ops.setdefault(op, op)
    return sorted(ops.values(), key=lambda op: (op.e, op.message))


def effective(ops: list[Op]) -> list[Op]:
    """The newest snapshot, which replaces everything up to its own time, and what came after it.

    Of a snapshot repeated beyond the memory for duplicates the first counts.
    """
    snapshots = [op for op in ops if isinstance(op.change, Replaced)]
    if not snapshots:
        return ops
    snapshot = max(snapshots, key=lambda op: (op.e, op.message))
    return [snapshot, *(op for op in ops if op.e > snapshot.e)]


def lines(change: Change) -> tuple[Line, ...]:
    """The lines an operation names."""
    return change.lines


def contents(ops: list[Op]) -> dict[str, int]:
    """Quantity by product, those with any."""
    held: dict[str, int] = {}
    for op in effective(ops):
        sign = -1 if isinstance(op.change, Removed) else 1
        for line in lines(op.change):
            held[line.product] = max(0, held.get(line.product, 0) + sign * line.quantity)
    return {product: quantity for product, quantity in held.items() if quantity}


def value(ops: list[Op]) -> int:
    """Quantity times the newest stated price, summed; a product whose price nobody stated is worth 0."""
    prices = {line.product: line.price for op in effective(ops) for line in lines(op.change) if line.price is not None}
    return sum(quantity * prices.get(product, 0) for product, quantity in contents(ops).items())
