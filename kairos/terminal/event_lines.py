"""One record of an input as one line, for `kairos tail`: when, what, who, and the main fact."""

from __future__ import annotations

import msgspec
from msgspec import Struct
from rich.console import Console

from kairos.terminal.lines import clock, print_line
from models.decoding.decoder import Decoder
from models.decoding.money import exponent
from models.kernel import events
from models.kernel.events import Event, Line
from models.kernel.record import NO_TIME
from models.kernel.settings import SharedSettings

EXCERPT = 60
"""Bytes that are shown of a record that cannot be used."""


class EventLines:
    """Reads records as a worker does, by the shop's settings, and prints them."""

    def __init__(self, shop: SharedSettings) -> None:
        self._read = Decoder(shop).read
        self._currency = shop.currency.upper()
        self._decimals = exponent(self._currency)

    def show(self, console: Console, value: bytes | None, recorded: int) -> None:
        """Print a record: its value (None: it has none), and its own Kafka timestamp in ms."""
        reading = self._read(value, recorded)
        when = "" if reading.e == NO_TIME else clock(reading.e)
        if reading.rejected is not None:
            kind, fact = f"refused {reading.rejected.code}", f"{reading.rejected.detail}: {_excerpt(value or b'')}"
        else:
            assert reading.event is not None
            kind, fact = _name(reading.event, value or b""), self._fact(reading.event)
        print_line(console, when, kind, reading.shopper or "-", fact)

    def _fact(self, event: Event) -> str:
        match event:
            case events.Browsed(category, _, product):
                return " in ".join(filter(None, (product, category)))
            case events.Reviewed(category, product, rating):
                stated = None if rating is None else f"rating {rating:g}"
                return ", ".join(filter(None, (" in ".join(filter(None, (product, category))), stated)))
            case events.CartViewed(cart):
                return f"cart {cart}"
            case events.Added(cart, lines) | events.Removed(cart, lines) | events.Replaced(cart, lines):
                return f"{', '.join(map(self._line, lines)) or 'nothing'}, cart {cart}"
            case events.Ordered(order, amount, _, cart):
                return f"order {order}, {self._money(amount)}" + (f", cart {cart}" if cart else "")
            case events.Amended(order, amount):
                return f"order {order}, {'amount unchanged' if amount is None else self._money(amount)}"
            case events.Refunded(refund, order, amount):
                what = "the rest" if amount is None else self._money(amount)
                return f"refund {refund}".rstrip() + f", {what} of {f'order {order}' if order else 'no order named'}"
            case events.Cancelled(order):
                return f"order {order}"
            case events.Tick():
                return "nothing earlier follows in this partition"
            case _:
                return "not in the contract"

    def _line(self, line: Line) -> str:
        price = "" if line.price is None else f" at {self._money(line.price)}"
        return f"{line.quantity} x {line.product or 'unnamed product'}{price}"

    def _money(self, amount: int | None) -> str:
        """An amount in minor units, as people write it."""
        if amount is None:
            return "amount unknown"
        return f"{self._currency} {amount / 10**self._decimals:,.{self._decimals}f}"


class Called(Struct):
    """What a message calls itself."""

    event: str | None = None
    type: str | None = None


_called = msgspec.json.Decoder(Called).decode


def _name(event: Event, value: bytes) -> str:
    """What the message calls its event; a tick is one whatever its type is called."""
    if isinstance(event, events.Tick):
        return "tick"
    try:
        called = _called(value)
    except ValueError:  # of a type of its own, or under another spelling
        called = Called()
    return (called.event or called.type or type(event).__name__).strip()


def _excerpt(value: bytes) -> str:
    """The beginning of what cannot be used, whatever bytes it is made of."""
    return value[:EXCERPT].decode(errors="backslashreplace") + ("..." if len(value) > EXCERPT else "")
