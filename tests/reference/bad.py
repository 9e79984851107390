"""Records that cannot be used, one for each way to be bad."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from tests.reference.logs import Logs

Spoil = Callable[[Logs, Random, str, int], None]


def garbage(logs: Logs, rng: Random, user: str, at: int) -> None:
    value = rng.choice([b"{", b"\xff\xfe", b"", None, b"null", b"[1]", b'{"event":"Product Added"'])
    logs.write(rng.choice(["clickstream", "cart", "orders"]), rng.randrange(logs.partitions), value, at=max(at, 0))


def nobody(logs: Logs, rng: Random, user: str, at: int) -> None:
    logs.track("Product Added", "", at, product_id="p")


def spoiled(event: str, **properties: Any) -> Spoil:
    def write(logs: Logs, rng: Random, user: str, at: int) -> None:
        logs.track(event, user, at, **properties)

    return write


def timeless(logs: Logs, rng: Random, user: str, at: int) -> None:
    """A time before 1990, or none."""
    stated = rng.choice(['"1970-01-01T00:00:00Z"', '"yesterday"', "null", "17"])
    event = rng.choice(["Page Viewed", "Order Completed"])
    value = f'{{"type":"track","event":"{event}","userId":"{user}","timestamp":{stated}}}'.encode()
    logs.write("clickstream", logs.place(user.encode(), logs.partitions), value, at=max(at, 0))


def elsewhere(logs: Logs, rng: Random, user: str, at: int) -> None:
    """A good record, or a bad order, in a partition where its shopper does not belong."""
    if logs.partitions > 1:
        name = f"o-{rng.randrange(3)}"
        value = logs.track("Order Completed", user, at, order_id=name, revenue=rng.choice([10, "x"]))
        right = logs.place(user.encode(), logs.partitions)
        moved = logs.records["orders", right].pop()
        logs.write("orders", (right + 1) % logs.partitions, value, key=moved.key)


def nameless(logs: Logs, rng: Random, user: str, at: int) -> None:
    """An order without its id; perhaps the same message again, with the id of this order or of another one."""
    stated = rng.choice([{}, {"order_id": "undefined"}, {"order_id": "o-long" * 60}, {"order_id": {}}])
    message = f"n-{rng.randrange(10**6)}"
    logs.track("Order Completed", user, at, message=message, revenue=10, **stated)
    if rng.random() < 0.7:
        name = rng.choice([f"o-{rng.randrange(3)}", message])
        event = rng.choice(["Order Completed", "Order Completed", "Order Updated"])
        logs.track(event, user, at + rng.randrange(2) * 1_000, message=message, order_id=name, revenue=12)


WAYS: tuple[Spoil, ...] = (
    garbage,
    nobody,
    timeless,
    elsewhere,
    spoiled("Product Added", product_id="p", quantity=-1),
    spoiled("Product Added", product_id="p", quantity=10**16),
    spoiled("Product Added", product_id="p", quantity="some"),
    spoiled("Product Added", product_id="p", price="9.99", currency="XXX"),
    spoiled("Product Removed", product_id="p", quantity=1.5),
    spoiled("Cart Updated"),
    nameless,
    nameless,
    spoiled("Order Refunded", order_id="o-1", revenue=1),
    spoiled("Order Refunded", order_id="o-1"),
    spoiled("Order Refunded", revenue=10),
    spoiled("Order Completed", order_id="o-1", revenue="ten"),
    spoiled("Order Completed", order_id="o-1", revenue="10", discount="5"),
    spoiled("Order Updated", order_id="o-1", revenue=10, discount=-5, coupon={}),
    spoiled("User Erased"),
)
