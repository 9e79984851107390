"""A buyer's order book: the newest orders one by one, everything older as sums.

Whatever can be derived is derived (`Book.summary`), so that refunds, cancellations and late reports need no
arithmetic of their own, and the result does not depend on the order in which reports arrive.
"""

from __future__ import annotations

from copy import copy

from msgspec import Struct, field

from models.baskets import Baskets
from models.gaps import Gaps

RING = 16
UNKNOWN = -1
"""Amount of an order whose money could not be read."""

STATED, CANCELLED, RETURNED, AWAITED, DISCOUNTED = 1, 2, 4, 8, 16
"""Flags of an order: its amount was stated, not summed; it was cancelled; refunded whole; not reported yet (only a
refund or a cancellation of it was); it was bought with a coupon or a discount."""


UNDONE = CANCELLED | RETURNED


class Order(Struct, array_like=True, gc=False):
    """One order. `refunded` is what refunds ask for, even beyond the amount: more may be reported later."""

    hash: int
    e: int
    amount: int = UNKNOWN
    refunded: int = 0
    flags: int = 0

    @property
    def value(self) -> int:
        """Gross minor units; 0 while unknown."""
        return self.amount if self.amount > 0 else 0

    @property
    def returned(self) -> int:
        """Minor units refunded, never more than the order's amount."""
        return self.value if self.flags & (CANCELLED | RETURNED) else min(self.refunded, self.value)

    @property
    def valid(self) -> bool:
        """Reported, not cancelled and not wholly refunded: counts for R and F."""
        if self.flags & (CANCELLED | RETURNED | AWAITED):
            return False
        return not 0 < self.amount <= self.refunded

    @property
    def kept(self) -> bool:
        """Reported and not cancelled."""
        return not self.flags & (CANCELLED | AWAITED)

    @property
    def touched(self) -> bool:
        """Something of it was refunded."""
        return bool(self.flags & RETURNED) or self.returned > 0


class Past(Struct, array_like=True, gc=False):
    """Orders that left the ring. `frequency` and `monetary` are decayed to `e`, the newest valid one's time.

    `discounted` counts valid orders with a discount; `kept` those not cancelled, `touched` those of them with a refund.
    """

    orders: int = 0
    valid: int = 0
    gross: int = 0
    refunded: int = 0
    e: int = 0
    frequency: float = 0.0
    monetary: float = 0.0
    gaps: Gaps = field(default_factory=Gaps)
    discounted: int = 0
    kept: int = 0
    touched: int = 0
    baskets: Baskets = field(default_factory=Baskets)


class Summary(Struct, frozen=True, gc=False):
    """What a book adds up to.

    `last` is the newest valid order's time (0: none); `frequency` and `monetary` are decayed to it.
    Money is in minor units. `gaps` has no logs of those in the ring: `Book.gaps` has.
    """

    orders: int
    valid: int
    gross: int
    refunded: int
    last: int
    frequency: float
    monetary: float
    gaps: Gaps

    @property
    def net(self) -> int:
        """Gross minus refunds."""
        return self.gross - self.refunded


class Book(Struct, array_like=True, gc=False):
    """`ring` holds the newest orders by (e, hash); `refunds` the hashes (8 bytes each) of known refund ids;
    `loose` what was refunded without naming an order."""

    ring: list[Order] = field(default_factory=list)
    refunds: bytes = b""
    loose: int = 0
    past: Past | None = None

    @property
    def reported(self) -> bool:
        """Some order was reported (not only refunds or cancellations of orders yet to come)."""
        if self.past is not None or (self.ring and not self.ring[-1].flags & AWAITED):
            return True
        return any(not order.flags & AWAITED for order in self.ring)

    def find(self, key: int) -> Order | None:
        """The order with this hash, if the ring still has it."""
        for order in self.ring:
            if order.hash == key:
                return order
        return None

    def place(self, order: Order, half_life: int, fading: float) -> bool:
        """Put an order in (or back in, after its time changed); True if another had to leave the ring for it."""
        if self.find(order.hash) is None:
            self.ring.append(order)
        self.ring.sort(key=lambda o: (o.e, o.hash))
        if len(self.ring) <= RING:
            return False
        self._retire(self.ring.pop(0), half_life, fading)
        return True

    def _retire(self, order: Order, half_life: int, fading: float) -> None:
        past = self.past = self.past or Past()
        if order.flags & AWAITED:
            return
        past.orders += 1
        past.gross += order.value
        past.refunded += order.returned
        past.kept += order.kept
        past.touched += order.kept and order.touched
        if not order.valid:
            return
        past.valid += 1
        past.discounted += bool(order.flags & DISCOUNTED)
        if order.amount > 0:
            past.baskets.learn_one(order.e, order.amount, fading)
        e = max(past.e, order.e)
        old, new = 2.0 ** ((past.e - e) / half_life), 2.0 ** ((order.e - e) / half_life)
        past.frequency = past.frequency * old + new
        past.monetary = past.monetary * old + new * (order.value - order.returned)
        past.e = e
        if order.e >= past.gaps.order:
            past.gaps.learn_one(order.e, fading)

    def baskets(self, fading: float) -> Baskets:
        """Sizes of all valid orders. `fading` is the weight of the newest.

        >>> Book([Order(1, 0, 1000), Order(2, 5, 700, 0, CANCELLED), Order(3, 9, 2000)]).baskets(0.3).before
        [1, 6.907755278982137, 0.0]
        """
        baskets = copy((self.past or NOTHING).baskets)
        baskets.learn_all([(o.e, o.amount) for o in self.ring if o.amount > 0 and o.valid], fading)
        return baskets

    def gaps(self, fading: float) -> Gaps:
        """Gaps between the occasions of all valid orders, their logs too."""
        gaps = copy((self.past or NOTHING).gaps)
        for order in self.ring:
            if order.valid and order.e >= gaps.order:
                gaps.learn_one(order.e, fading)
        return gaps

    def summary(self, half_life: int, fading: float) -> Summary:
        """Add everything up. `half_life` in ms, `fading` the weight of the newest gap.

        >>> day = 86_400_000
        >>> book = Book([Order(1, 0, 1000), Order(2, 90 * day, 500, 200), Order(3, 91 * day, 700, 0, CANCELLED)])
        >>> s = book.summary(90 * day, 0.3)
        >>> s.orders, s.valid, s.gross, s.net, s.last // day, s.frequency, s.monetary, s.gaps.mean
        (3, 2, 2200, 1300, 90, 1.5, 800.0, 90.0)
        """
        past = self.past or NOTHING
        orders, gross, refunded = past.orders, past.gross, past.refunded + self.loose
        valid: list[tuple[int, int]] = []
        for o in self.ring:
            if o.flags & AWAITED:
                continue
            orders += 1
            value = o.amount if o.amount > 0 else 0
            gross += value
            if not o.refunded and not o.flags & UNDONE:  # most orders
                valid.append((o.e, value))
                continue
            refunded += o.returned
            if o.valid:
                valid.append((o.e, value - o.returned))
        last = max(past.e, valid[-1][0]) if valid else past.e
        frequency, monetary, gaps = past.frequency, past.monetary, copy(past.gaps)
        if past.valid:
            fade = 2.0 ** ((past.e - last) / half_life)
            frequency, monetary = frequency * fade, monetary * fade
        for e, net in valid:
            weight = 1.0 if e == last else 2.0 ** ((e - last) / half_life)
            frequency += weight
            monetary += weight * net
            if e >= gaps.order:
                gaps.learn_one(e, fading, logs=False)
        count = past.valid + len(valid)
        return Summary(orders, count, gross, refunded, last, frequency, monetary, gaps)


NOTHING = Past()
"""The past of a book whose orders all fit into the ring. Never changed."""
