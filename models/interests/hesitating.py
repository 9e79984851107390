"""`hesitating`: the same product looked at again and again, and nothing put into a cart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from models.interests.views import FORGOTTEN_AFTER, WIDTH, most, viewed
from models.kernel.events import Added, Amended, Browsed, Event, Ordered, Replaced
from models.kernel.feature import Feature, Tag, View
from models.kernel.moment import Moment

HESITATING = 8
"""The tag's key, stored in profiles."""
LEAST = 3


class State(Struct, array_like=True, gc=False):
    """Event time of the newest view of a product, the products viewed lately (`models.interests.views`), and how often
    the one viewed most."""

    last_view_at: int = 0
    views: bytes = b""
    most: int = 0


class Hesitating(Feature):
    """A fact, the products viewed lately, and the rule about it."""

    name = "hesitating"
    keeps = State
    listens = (Browsed, Added, Replaced, Ordered, Amended)
    raises = ("views",)
    reads = ("views",)
    tags = (
        Tag(
            HESITATING,
            "hesitating",
            "the same product viewed three times, and nothing put into a cart since",
            "something goes into a cart, an order, or 7 days without a view",
        ),
    )

    def takes(self, kind: type[Event]) -> Callable[[Moment, Any], int]:
        """Views are by far the commonest."""
        return self.view if kind is Browsed else self.fold

    def fold(self, m: Moment, event: Added | Replaced | Ordered | Amended) -> int:
        """A decision, after which earlier views do not count. Silent where the tag is not held."""
        if isinstance(event, Replaced) and not event.lines:
            return 0
        if isinstance(event, (Ordered, Amended)) and not m.new_order:
            return 0
        state = m.own(self)
        if state is None or not state.views:
            return 0
        state.views, state.last_view_at, state.most = b"", 0, 0
        return self.signals["views"] if m.holds(HESITATING) else 0

    def view(self, m: Moment, event: Browsed) -> int:
        """A view of a product. Silent where the tag stays as it is: held, it only ends later than its due says now."""
        if not event.product:
            return 0
        state = m.ensure(self)
        before, e = state.most, m.e
        state.views = views = viewed(state.views, state.last_view_at, event.product, e)
        if e > state.last_view_at:  # noqa: PLR1730 a call would cost more
            state.last_view_at = e
        count = views[-1]
        if count > before:
            state.most = count
        elif count == 1 < before:  # another product may have made room for it
            state.most = most(views)
        if before < LEAST > count or (state.most >= LEAST) == m.holds(HESITATING):
            return 0
        return self.signals["views"]

    def evaluate(self, m: Moment) -> int:
        """By the product viewed most; it ends by itself after days without a view."""
        state = m.own(self)
        if state is None:
            return 0
        until = state.last_view_at + FORGOTTEN_AFTER
        holds = state.most >= LEAST and m.p.evaluated_at < until
        m.turn(HESITATING, holds, lambda: _reason(state.views))
        return until if holds else 0

    def describe(self, state: State | None, view: View) -> dict[str, Any]:
        """The products viewed lately, by hash, and how often."""
        state = state or State()
        views = [[state.views[i : i + 4].hex(), state.views[i + 4]] for i in range(0, len(state.views), WIDTH)]
        return {"looked": state.last_view_at, "views": views}


def _reason(views: bytes) -> str:
    return f"looked at the same product {most(views)} times without a cart" if views else "something went into a cart"
