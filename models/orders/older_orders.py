"""Orders that left the ring of the newest: sums of all of them, and the newest of them one by one.

What a refund or a cancellation needs can be taken out of sums and put back changed; only what was learnt from gaps and
basket sizes stays as it was learnt.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import Struct, field

from models.kernel.settings import DAY, UNITS
from models.orders.buying import Buying
from models.orders.gaps import Gaps
from models.orders.order import DISCOUNTED, UNKNOWN, Order
from models.orders.order_values import OrderValues

LISTED = 32
"""Orders kept one by one beyond the ring: with it, the newest 48 of a buyer can still be refunded or cancelled."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Order]).decode


class OlderOrders(Struct, array_like=True, gc=False):
    """Orders that left the ring. `frequency` and `monetary` are decayed to `e`, the newest valid one's time.

    `discounted` counts valid orders with a discount; `kept` those not cancelled, `touched` those of them with a refund.
    `listed` holds the newest one by one, packed, since only a refund, a cancellation or a repeat looks at them.
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
    values: OrderValues = field(default_factory=OrderValues)
    listed: bytes = b""
    buying: Buying = field(default_factory=Buying)

    def add(self, order: Order, half_life: int, fading: float) -> bool:
        """Take an order that leaves the ring, the oldest of it. True if another is no longer known one by one for it.

        `half_life` in ms, `fading` the weight of the newest gap and basket.
        """
        self._count(order, 1, half_life)
        if order.valid:
            if order.amount > 0:
                self.values.learn_one(order.e, order.amount, fading)
            if order.e >= self.gaps.order:
                self.gaps.learn_one(order.e, fading)
            take(self.buying, order)
        orders = sorted([*self.each(), order], key=lambda o: (o.e, o.hash))
        self.listed = _encode(orders[-LISTED:])
        return len(orders) > LISTED

    def each(self) -> list[Order]:
        """Those known one by one, the oldest first. Changing one changes nothing here: see `change`."""
        return _decode(self.listed) if self.listed else []

    def find(self, key: int) -> Order | None:
        """A copy of the order with this hash, if it is known one by one."""
        return next((order for order in self.each() if order.hash == key), None)

    @property
    def complete(self) -> bool:
        """Whether all of them are known one by one."""
        return self.orders == len(self.each())

    def change(self, key: int, change: Callable[[Order], None], half_life: int) -> bool:
        """Let `change` work on the order with this hash; False if it is not known one by one."""
        orders = self.each()
        order = next((order for order in orders if order.hash == key), None)
        if order is None:
            return False
        self._count(order, -1, half_life)
        change(order)
        self._count(order, 1, half_life)
        self._date(orders, half_life)
        self.listed = _encode(orders)
        return True

    def _count(self, order: Order, sign: int, half_life: int) -> None:
        """Put an order into the sums, or (`sign` -1) take it out."""
        self.orders += sign
        self.gross += sign * order.value
        self.refunded += sign * order.returned
        self.kept += sign * order.kept
        self.touched += sign * (order.kept and order.touched)
        if not order.valid:
            return
        self.valid += sign
        self.discounted += sign * bool(order.flags & DISCOUNTED)
        self._decay(max(self.e, order.e), half_life)
        weight = sign * 2.0 ** ((order.e - self.e) / half_life)
        self.frequency += weight
        self.monetary += weight * (order.value - order.returned)

    def _decay(self, e: int, half_life: int) -> None:
        """Let the decayed sums be as of `e` (ms)."""
        if e != self.e:
            fade = 2.0 ** ((self.e - e) / half_life)
            self.frequency, self.monetary, self.e = self.frequency * fade, self.monetary * fade, e

    def _date(self, orders: list[Order], half_life: int) -> None:
        """The newest valid order may be another one now."""
        if not self.valid:
            self.e, self.frequency, self.monetary = 0, 0.0, 0.0
        elif newest := max((order.e for order in orders if order.valid), default=0):
            self._decay(newest, half_life)


def take(buying: Buying, order: Order) -> None:
    """Let how a buyer buys take a valid order: the next occasion, or more of the newest one (`models.orders.gaps`).

    >>> buying = Buying()
    >>> for hour in (0, 23, 24, 47): take(buying, Order(hour, hour * DAY // 24, 1_000))
    >>> buying.occasions, buying.last
    (2, 1.0)
    """
    since = order.e - round(buying.last * DAY)
    amount = None if order.amount == UNKNOWN else order.value / UNITS
    if not buying.occasions or since >= DAY:
        buying.learn_one(order.e / DAY, amount, order.items)
    elif since >= 0:
        buying.add(amount, order.items)
