"""`weekend_shopper`: most orders come on Saturdays and Sundays, where the shopper is."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from models.kernel.call_context import read_zone
from models.kernel.events import Amended, Ordered
from models.kernel.feature import Feature, Tag, View
from models.kernel.moment import Moment
from models.kernel.zones import shown, weekday
from models.learners.beta import BetaShare

WEEKEND = 10
"""The tag's key, stored in profiles."""
SATURDAY = 5
LEAST, ENTER, STAY = 3, 0.60, 0.45
PRIOR, STRENGTH = 2 / 7, 3.5
"""Share of the weekend in a week, and how many orders that is worth: three of three enter, two of two do not."""


class State(Struct, array_like=True, gc=False):
    """Orders, by their first reports, cancelled ones too; and those of them made on a weekend."""

    orders: int = 0
    weekend: int = 0


class WeekendShopper(Feature):
    """A fact about when orders are made, and the rule about it."""

    name = "weekend_shopper"
    keeps = State
    listens = (Ordered, Amended)
    raises = ("weekend_orders",)
    reads = ("weekend_orders",)
    tags = (
        Tag(
            WEEKEND,
            "weekend_shopper",
            f"{LEAST} or more orders on a Saturday or Sunday, expected share {ENTER:.0%} or more",
            f"expected share below {STAY:.0%}",
        ),
    )

    def fold(self, m: Moment, event: Ordered | Amended) -> int:
        """Count an order once, by its first report."""
        if not m.new_order:
            return 0
        assert m.record is not None
        state = m.ensure(self)
        state.orders += 1
        state.weekend += weekday(shown(m.e, read_zone(m.record.context))) >= SATURDAY
        return self.signals["weekend_orders"]

    def evaluate(self, m: Moment) -> int:
        """By the expected share of orders on weekends."""
        if (state := m.own(self)) is not None:
            reason = f"{state.weekend} of {state.orders} orders on a Saturday or Sunday"
            m.turn(WEEKEND, holds(m.holds(WEEKEND), state), lambda: reason)
        return 0

    def describe(self, state: State | None, view: View) -> dict[str, Any]:
        """Orders on weekends, and all of them."""
        return {} if state is None else {"weekend_orders": [state.weekend, state.orders]}


def holds(held: bool, state: State) -> bool:
    """Whether the orders make the tag, or keep it.

    >>> holds(False, State(2, 2)), holds(False, State(3, 3)), holds(False, State(5, 4)), holds(True, State(5, 4))
    (False, True, False, True)
    """
    share = BetaShare(STRENGTH, state.weekend, state.orders).predict_one(PRIOR)
    return state.weekend >= LEAST and share >= (STAY if held else ENTER)
