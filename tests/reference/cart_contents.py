"""What is in a cart: a function of the set of its operations and of the orders, whatever the order they came in."""

from __future__ import annotations

import math
from itertools import groupby
from typing import NamedTuple

from models.features import ShopSettings
from models.kernel.events import Added, Amended, Line, Ordered, Removed, Replaced
from tests.reference.history import Own
from tests.reference.orders import first_reports

Change = Added | Removed | Replaced
Name = tuple[str, str, str]
"""Product, variant, sku: a line of a cart."""


class Op(NamedTuple):
    """One operation, and those of its lines that were not bought. Operations sort by time, ties by the hash of their
    message."""

    e: int
    message: int
    change: Change
    lines: tuple[Line, ...]


def orders(history: list[Own]) -> list[tuple[int, Ordered | Amended]]:
    """e and first report of every order, valid or not."""
    return [(own.e, own.event) for own in first_reports(history) if isinstance(own.event, Ordered | Amended)]


def closes(order: Ordered | Amended, cart: str, settings: ShopSettings) -> bool:
    """Whether an order closes a cart: under ``same_cart`` not one with another id than it names."""
    return settings.order_closes == "any" or order.cart in ("", cart)


def cleared(history: list[Own], settings: ShopSettings) -> int:
    """e of the newest order that empties every cart up to then."""
    return max((e for e, order in orders(history) if not order.cart or settings.order_closes == "any"), default=0)


def carts(history: list[Own]) -> list[str]:
    """Names of the carts anything happened in."""
    return sorted({own.event.cart for own in history if isinstance(own.event, Change)})


def shared(one: Line, other: Line) -> int:
    """What the two have in common, if the one can be about the other: they contradict each other in nothing.

    The product of a line that is known by its sku alone is no more than that sku.
    """
    stated = [{"product": line.product, "variant": line.variant, "sku": line.sku} for line in (one, other)]
    both = [part for part in stated[0] if stated[0][part] and stated[1][part]]
    standing_in = any(line.product == line.sku for line in (one, other))
    differing = {part for part in both if stated[0][part] != stated[1][part]}
    return 0 if differing - ({"product"} if standing_in else set()) else len(both) - len(differing)


def surviving(history: list[Own], cart: str, settings: ShopSettings, *, until: float = math.inf) -> list[Op]:
    """The cart's operations with e <= `until` that no order bought, oldest first.

    They are a set: an operation repeated beyond the memory for duplicates is there already.
    """
    closing = [(e, order) for e, order in orders(history) if closes(order, cart, settings)]
    ops = dict[Op, Op]()
    for own in history:
        if isinstance(own.event, Change) and own.event.cart == cart and own.e <= until:
            lines = unbought(own.event, own.e, closing, settings.order_grace)
            if lines is not None:
                op = Op(own.e, own.message, own.event, lines)
                ops.setdefault(op, op)
    return sorted(ops.values(), key=lambda op: (op.e, op.message))


def unbought(
    change: Change, at: int, closing: list[tuple[int, Ordered | Amended]], grace: int
) -> tuple[Line, ...] | None:
    """The lines that no order bought: all before it, and shortly after it those of its cart and of its products. None
    if nothing is left of the operation; a snapshot of another cart is one of an empty cart then."""
    lines = change.lines
    for e, order in closing:
        if at <= e or (at <= e + grace and order.cart == change.cart):
            return None
        if at <= e + grace:
            lines = tuple(line for line in lines if not any(shared(bought, line) for bought in order.lines))
    return lines if lines or not change.lines or isinstance(change, Replaced) else None


def effective(ops: list[Op]) -> list[Op]:
    """The newest snapshot, which replaces everything up to its own time, and what came after it.

    Of a snapshot repeated beyond the memory for duplicates the first counts.
    """
    snapshots = [op for op in ops if isinstance(op.change, Replaced)]
    if not snapshots:
        return ops
    snapshot = max(snapshots, key=lambda op: (op.e, op.message))
    return [snapshot, *(op for op in ops if op.e > snapshot.e)]


def steps(ops: list[Op]) -> list[tuple[Op, Line]]:
    """Line by line. Of one message, lines that state the same are one, at the last price; they come in the order of
    product, quantity, price, variant and sku. A snapshot does not have what it has none of."""
    found = []
    for op in effective(ops):
        lines = []
        for _, alike in groupby(sorted(op.lines, key=name), key=name):
            same = list(alike)
            prices = [line.price for line in same if line.price is not None]
            every = isinstance(op.change, Removed) and any(line.quantity == 0 for line in same)
            quantity = 0 if every else sum(line.quantity for line in same)
            if quantity or not isinstance(op.change, Replaced):
                price = prices[-1] if prices else None
                lines.append(Line(same[0].product, quantity, price, same[0].variant, same[0].sku))
        in_order = sorted(
            lines, key=lambda x: (x.product, x.quantity, -1 if x.price is None else x.price, x.variant, x.sku)
        )
        found += [(op, line) for line in in_order]
    return found


def name(line: Line) -> Name:
    """What makes a line of a cart."""
    return line.product, line.variant, line.sku


def contents(ops: list[Op]) -> dict[Name, int]:
    """Quantity by line, those with any."""
    held: dict[Name, int] = {}
    for op, line in steps(ops):
        if not isinstance(op.change, Removed):
            held[name(line)] = held.get(name(line), 0) + line.quantity
            continue
        common = {each: shared(line, Line(each[0], 1, None, each[1], each[2])) for each in sorted(held)}
        common[name(line)] = 4 * (name(line) in held)  # the very line goes first
        wanted = line.quantity or sum(held.values())
        for each in sorted((each for each in common if common[each]), key=common.__getitem__, reverse=True):
            gone = min(wanted, held[each])
            held[each], wanted = held[each] - gone, wanted - gone
        held = {each: quantity for each, quantity in held.items() if quantity}
    return {each: quantity for each, quantity in held.items() if quantity}


def value(ops: list[Op]) -> int:
    """Quantity times the newest stated price, summed; a line whose price nobody stated is worth 0."""
    prices = {name(line): line.price for _, line in steps(ops) if line.price is not None}
    return sum(quantity * prices.get(each, 0) for each, quantity in contents(ops).items())
