"""Orders, refunds and money of one shopper, replayed from its events."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b

from models.kernel.events import Amended, Cancelled, Ordered, Refunded
from models.kernel.settings import DAY
from tests.reference.history import Own


@dataclass
class Order:
    """One order: its current amount (None: unknown), and what was taken back. `e` is None until it is reported.

    Refunds are kept as asked for, and capped when they are counted, so that it does not matter whether they come
    before or after a change of the amount.
    """

    key: int = 0  # 64-bit hash of its id: orders of the same e come in its order
    e: int | None = None
    amount: int | None = None
    stated: int | None = None  # the amount as far as a message stated it, first or by an update
    claims: list[int | None] = field(default_factory=list)  # what each refund asked for; None: the rest
    cancelled: bool = False
    discounted: bool = False  # some report that counted said so

    def report(self, e: int, event: Ordered | Amended) -> None:
        """The first report, or the first one with an amount."""
        self.e = e if self.e is None else self.e
        self.update(event)

    def update(self, event: Ordered | Amended) -> None:
        """Take the amount, if there is one."""
        self.discounted |= event.discounted
        if event.amount is not None:
            self.amount = event.amount
            self.stated = event.amount if event.stated else None

    @property
    def refunded(self) -> int:
        """What the shop gave back, never more than the order's amount."""
        value = self.amount or 0
        return value if self.cancelled or None in self.claims else min(value, sum(c or 0 for c in self.claims))

    @property
    def valid(self) -> bool:
        """Counts for F and R: reported, not cancelled, not wholly refunded (an amount of 0 is not)."""
        if self.e is None or self.cancelled or None in self.claims:
            return False
        return not self.amount or self.refunded < self.amount

    @property
    def kept(self) -> int:
        """What the shop keeps of it."""
        return (self.amount or 0) - self.refunded


@dataclass
class Book:
    """All orders of a shopper by id, also those only refunded or cancelled so far."""

    orders: dict[str, Order] = field(default_factory=dict)
    refunds: set[str] = field(default_factory=set)
    loose: int = 0  # refunds that name no order

    def of(self, name: str) -> Order:
        """The order with this id, known or not."""
        key = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big")
        return self.orders.setdefault(name, Order(key))

    def name(self, nameless: str, order: str) -> None:
        """The order that a message stood for, since its id could not be read, is this one: they count as one."""
        before, now = self.orders.pop(nameless), self.of(order)
        if now.e is None:
            now.e = before.e

    def known(self, order: str) -> bool:
        return order in self.orders and self.orders[order].e is not None

    @property
    def reported(self) -> list[Order]:
        return sorted((o for o in self.orders.values() if o.e is not None), key=lambda o: (when(o), o.key))

    @property
    def valid(self) -> list[Order]:
        return [o for o in self.reported if o.valid]

    @property
    def gross(self) -> int:
        return sum(o.amount or 0 for o in self.reported)

    @property
    def net(self) -> int:
        return sum(o.kept for o in self.reported) - self.loose

    @property
    def void(self) -> int:
        return len(self.reported) - len(self.valid)

    def decayed(self, half_life: int) -> tuple[float, float]:
        """F and M at the newest valid order's e: each order halves with every half-life between."""
        if not self.valid:
            return 0.0, 0.0
        last = when(self.valid[-1])
        weights = [(0.5 ** ((last - when(o)) / half_life), o) for o in self.valid]
        return sum(w for w, _ in weights), sum(w * o.kept for w, o in weights)


def discounts(book: Book) -> dict[str, int]:
    """Orders reported, cancelled ones too, by whether some report of them said that they were discounted."""
    some = sum(order.discounted for order in book.reported)
    return {"orders_discounted": some, "orders_full_price": len(book.reported) - some}


def when(order: Order) -> int:
    """An order's e, once it is reported."""
    assert order.e is not None
    return order.e


def nameless(message: int) -> str:
    """What stands for the id of an order that says none: its message."""
    return f"message {message}"


def first_reports(history: list[Own]) -> list[Own]:
    """Every event that was news of an order when it came. One without an id is the order that its message names later;
    was that reported before, both were news."""
    first: dict[str, Own] = {}
    for own in history:
        if isinstance(own.event, Ordered | Amended):
            before = first.pop(nameless(own.message), None) if own.event.order else None
            if before is not None:
                first[f"{own.message} too" if own.event.order in first else own.event.order] = before
            first.setdefault(own.event.order or nameless(own.message), own)
    return list(first.values())


def refund_name(event: Refunded, e: int) -> str:
    """What a refund is known by: its id, else its order, amount and day."""
    return event.refund or repr((event.order, event.amount, e // DAY))


def book(history: list[Own]) -> Book:
    """Replay a shopper's orders from the events that counted."""
    result = Book()
    for own in history:
        if isinstance(own.event, Ordered | Amended) and own.event.order and nameless(own.message) in result.orders:
            result.name(nameless(own.message), own.event.order)
            if isinstance(own.event, Ordered) and result.of(own.event.order).amount is not None:
                continue
        match own.event:
            case Ordered() as event:
                result.of(event.order or nameless(own.message)).report(own.e, event)
            case Amended() as event if result.known(event.order):
                result.of(event.order).update(event)
            case Amended() as event:
                result.of(event.order).report(own.e, event)
            case Refunded(_, "", amount) as event:
                result.refunds.add(refund_name(event, own.e))
                result.loose += amount or 0
            case Refunded(_, order, amount) as event:
                result.refunds.add(refund_name(event, own.e))
                result.of(order).claims.append(amount)
            case Cancelled(order):
                result.of(order).cancelled = True
    return result
