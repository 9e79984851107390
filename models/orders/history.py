"""A buyer's orders: the newest one by one, and everything older (`models.orders.older_orders`).

Whatever can be derived is derived (`OrderHistory.summary`), so that refunds, cancellations and late reports need no
arithmetic of their own, and the result does not depend on the order in which reports arrive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy

from msgspec import Struct, field

from models.kernel.settings import DAY
from models.orders.buying import Buying
from models.orders.gaps import Gaps
from models.orders.older_orders import OlderOrders, take
from models.orders.order import AWAITED, UNDONE, Order
from models.orders.order_values import OrderValues

RING = 16
"""Orders kept one by one with everything that is worked out anew from them."""
WAITING = 8
"""Refunds and cancellations kept beside them that wait for the report of their order."""


class OrderSummary(Struct, frozen=True, gc=False):
    """What a buyer's orders add up to.

    `last` is the newest valid order's time (0: none); `frequency` and `monetary` are decayed to it.
    Money is in minor units. `gaps` has no logs of those in the ring: `OrderHistory.gaps` has.
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


class OrderHistory(Struct, array_like=True, gc=False):
    """All orders of a buyer.

    `ring` holds the newest by (e, hash), and those that are still to be reported; `older` all others. `refunds` has the
    hashes (8 bytes each) of known refund ids, `loose` is what was refunded of no order that is known one by one.
    """

    ring: list[Order] = field(default_factory=list)
    refunds: bytes = b""
    loose: int = 0
    older: OlderOrders | None = None

    @property
    def reported(self) -> bool:
        """Some order was reported (not only refunds or cancellations of orders yet to come)."""
        if self.older is not None or (self.ring and not self.ring[-1].flags & AWAITED):
            return True
        return any(not order.flags & AWAITED for order in self.ring)

    def find(self, key: int) -> Order | None:
        """The order with this hash, if the ring still has it."""
        for order in self.ring:
            if order.hash == key:
                return order
        return None

    def known(self, key: int) -> Order | None:
        """The order with this hash, if it is known one by one: to be looked at, not to be changed."""
        order = self.find(key)
        return self.older.find(key) if order is None and self.older is not None else order

    def change(self, key: int, change: Callable[[Order], None], half_life: int) -> bool:
        """Let `change` work on the order with this hash; False if it is not known one by one."""
        order = self.find(key)
        if order is None:
            return self.older is not None and self.older.change(key, change, half_life)
        change(order)
        return True

    @property
    def complete(self) -> bool:
        """Whether every order reported is known one by one."""
        return self.older is None or self.older.complete

    def place(self, order: Order, half_life: int, fading: float) -> bool:
        """Put an order in (or back in, after its time changed).

        True if another one is no longer known one by one for it. `half_life` in ms, `fading` the weight of the newest
        gap and basket.
        """
        if self.find(order.hash) is None:
            self.ring.append(order)
        self.ring.sort(key=lambda o: (o.e, o.hash))
        reported = [o for o in self.ring if not o.flags & AWAITED]
        if len(reported) <= RING:
            return False
        self.ring.remove(reported[0])
        self.older = self.older or OlderOrders()
        return self.older.add(reported[0], half_life, fading)

    def wait(self, order: Order) -> bool:
        """Keep what was said of an order that is still to be reported. True if another one's wait is over for it.

        What was refunded of that one lowers net then: its order must be too long ago to be known.
        """
        self.ring.append(order)
        self.ring.sort(key=lambda o: (o.e, o.hash))
        waiting = [o for o in self.ring if o.flags & AWAITED]
        if len(waiting) <= WAITING:
            return False
        self.ring.remove(waiting[0])
        self.loose += waiting[0].refunded
        return True

    def values(self, fading: float) -> OrderValues:
        """Sizes of all valid orders. `fading` is the weight of the newest.

        >>> from models.orders.order import CANCELLED
        >>> OrderHistory([Order(1, 0, 1000), Order(2, 5, 700, 0, CANCELLED), Order(3, 9, 2000)]).values(0.3).before
        [1, 6.907755278982137, 0.0]
        """
        values = copy((self.older or NOTHING).values)
        values.learn_all([(o.e, o.amount) for o in self.ring if o.amount > 0 and o.valid], fading)
        return values

    def gaps(self, fading: float) -> Gaps:
        """Gaps between the occasions of all valid orders, their logs too."""
        gaps = copy((self.older or NOTHING).gaps)
        for order in self.ring:
            if order.valid and order.e >= gaps.order:
                gaps.learn_one(order.e, fading)
        return gaps

    def buying(self) -> Buying:
        """How the buyer buys, by the occasions of all valid orders."""
        buying = copy((self.older or NOTHING).buying)
        for order in self.ring:
            if order.valid:
                take(buying, order)
        return buying

    def occasions(self) -> Iterator[int]:
        """When occasions of valid orders in the ring began (ms), the oldest first."""
        began = (self.older or NOTHING).gaps.occasion
        for order in self.ring:
            if order.valid and (not began or order.e - began >= DAY):
                began = order.e
                yield began

    def summary(self, half_life: int, fading: float) -> OrderSummary:
        """Add everything up. `half_life` in ms, `fading` the weight of the newest gap.

        >>> from models.orders.order import CANCELLED
        >>> day = 86_400_000
        >>> orders = [Order(1, 0, 1000), Order(2, 90 * day, 500, 200), Order(3, 91 * day, 700, 0, CANCELLED)]
        >>> s = OrderHistory(orders).summary(90 * day, 0.3)
        >>> s.orders, s.valid, s.gross, s.net, s.last // day, s.frequency, s.monetary, s.gaps.mean
        (3, 2, 2200, 1300, 90, 1.5, 800.0, 90.0)
        """
        older = self.older or NOTHING
        orders, gross, refunded = older.orders, older.gross, older.refunded + self.loose
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
        last = max(older.e, valid[-1][0]) if valid else older.e
        frequency, monetary, gaps = older.frequency, older.monetary, copy(older.gaps)
        if older.valid:
            fade = 2.0 ** ((older.e - last) / half_life)
            frequency, monetary = frequency * fade, monetary * fade
        for e, net in valid:
            weight = 1.0 if e == last else 2.0 ** ((e - last) / half_life)
            frequency += weight
            monetary += weight * net
            if e >= gaps.order:
                gaps.learn_one(e, fading, logs=False)
        count = older.valid + len(valid)
        return OrderSummary(orders, count, gross, refunded, last, frequency, monetary, gaps)


NOTHING = OlderOrders()
"""What is older in a history whose orders all fit into the ring. Never changed."""
