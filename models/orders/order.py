"""One order, as a profile keeps it."""

from __future__ import annotations

from msgspec import Struct

UNKNOWN = -1
"""Amount of an order whose money could not be read."""

STATED, CANCELLED, RETURNED, AWAITED, DISCOUNTED = 1, 2, 4, 8, 16
"""Flags of an order: its amount was stated, not summed; it was cancelled; refunded whole; not reported yet (only a
refund or a cancellation of it was); it was bought with a coupon or a discount."""


UNDONE = CANCELLED | RETURNED


class Order(Struct, array_like=True, gc=False):
    """One order. `refunded` is what refunds ask for, even beyond the amount: more may be reported later. `items` is the
    number of pieces that its first report with products names; 0: none did."""

    hash: int
    e: int
    amount: int = UNKNOWN
    refunded: int = 0
    flags: int = 0
    items: int = 0

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
