"""What goes wrong on the way: rows that come twice, late, in the wrong order, or are no good."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from kairos.replay.row import Row
from kairos.simulate.draws import Draws
from kairos.simulate.settings import SimulationSettings
from models.kernel.events import CART, CLICKSTREAM, ORDER
from models.kernel.settings import HOUR, SECOND

TWICE = 20 * SECOND
"""Mean time until a row comes again."""
LATE = (HOUR, 4 * HOUR)
"""How late a row is, at least, and beyond that in the mean."""
DISORDER = 5 * SECOND
"""Mean delay of a row that comes out of order."""
ABSURD = 10**16
"""A quantity as one real export holds it."""
CENTURY = "1970-01-01T00:00:00.000Z"
"""A timestamp that is not believed."""


class Faults:
    """Disturbs rows; their number, times and content stay as they are, bad ones are added."""

    def __init__(self, settings: SimulationSettings) -> None:
        self._settings = settings
        self._draws = Draws(f"faults of {settings.seed}")
        self._bad = 0
        self.any = any((settings.duplicates, settings.late, settings.out_of_order, settings.bad))

    def deliveries(self, row: Row) -> Iterator[tuple[int, Row]]:
        """When the row is delivered (ms), and what is delivered besides."""
        draws, settings, at = self._draws, self._settings, row[0]
        assert at is not None
        u = draws.random()
        if u < settings.late:
            at += LATE[0] + int(draws.exponential(LATE[1]))
        elif u < settings.late + settings.out_of_order:
            at += 1 + int(draws.exponential(DISORDER))
        yield at, row
        if draws.chance(settings.duplicates):
            yield at + 1 + int(draws.exponential(TWICE)), row
        if draws.chance(settings.bad):
            yield at, self._spoiled(row, at)

    def _spoiled(self, row: Row, at: int) -> Row:
        """A row like this one that becomes a dead letter, the kinds in turn. Orders are not spoiled: of a bad order
        the rest is folded."""
        self._bad += 1
        message: dict[str, Any] = msgspec.json.decode(row[3])
        message["messageId"] = f"{message['messageId']}-bad"
        message.update(type="track", event="Product Added")
        message["properties"] = {"product_id": "no-such-product", "price": 10.0, "quantity": 1}
        kind = self._bad % 6
        if kind == 0:
            return None, CLICKSTREAM, None, row[3][:-9]
        if kind == 1:
            message["timestamp"] = CENTURY
            return None, CART, row[2], msgspec.json.encode(message)
        if kind == 2:
            message["properties"]["quantity"] = ABSURD
        elif kind == 3:
            message["properties"]["quantity"] = "several"
        elif kind == 4:
            properties = {"refund_id": "no-such-refund", "total": 10.0, "currency": "XXX"}
            message |= {"event": "Order Refunded", "properties": properties}
            return row[0], ORDER, row[2], msgspec.json.encode(message)
        else:
            message["userId"] = message["anonymousId"] = ""
            return row[0], CART, None, msgspec.json.encode(message)
        return row[0], CART, row[2], msgspec.json.encode(message)
