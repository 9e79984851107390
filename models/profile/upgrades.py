"""Profiles of earlier layouts, and the pure function that makes each one of the next layout.

Layout 1 had a field for every fact and verdict, and one due for all of them. Layout 2 has a slot and a due a feature.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct, field

from models.carts import followed as carts
from models.carts.cart import Cart
from models.churn import alert
from models.features import FEATURES
from models.habits import habits
from models.interests import favourites, hesitating
from models.interests.views import most
from models.kernel.moment import ABSENT
from models.kernel.shopper import LIFETIME, Profile
from models.lifecycle import stage
from models.orders.history import OrderHistory
from models.rfm import scores, segments
from models.rfm.sketch import Entry


class Buyer1(Struct, array_like=True, gc=False):
    """What only shoppers with orders had."""

    book: OrderHistory
    scores: int = 0
    segment: int = 0
    segment_since: int = 0
    alerted: int = 0
    alert_id: str = ""
    counted: Entry | None = None
    rescore: int = 0
    others: int = 0
    table: int = 0


class Profile1(Struct, array_like=True, tag=1, gc=False):
    """A profile of layout 1."""

    first: int
    last: int
    events: int = 0
    visits: int = 1
    flags: int = 0
    burst: int = 0
    clicks: bytes = b""
    acts: bytes = b""
    interest: list[int | str] = field(default_factory=list)
    returned: int = 0
    stage: int = 0
    stage_since: int = 0
    due: int = 0
    judged: int = 0
    changes: int = 0
    cleared: int = 0
    carts: list[Cart] = field(default_factory=list)
    buyer: Buyer1 | None = None
    tags: list[int | str] | None = None
    habits: bytes = b""
    looked: int = 0
    views: bytes = b""
    left: list[int] | None = None


_habits = msgspec.msgpack.Decoder(habits.State).decode


def upgrade_1(old: Profile1) -> Profile:
    """The same shopper in layout 2. Every rule is due when the earliest was, and knows its own due after that."""
    new = Profile(
        old.first,
        old.last,
        old.events,
        old.visits,
        old.flags,
        old.burst,
        old.clicks,
        old.acts,
        old.judged,
        old.changes,
        old.due,
        dict.fromkeys([LIFETIME, *(n for n in FEATURES if n <= OF_LAYOUT_1)], old.due),
        -1,
        old.tags,
    )
    new.shown = old.judged
    _keep(new, "stage", stage.State(old.stage, old.stage_since, old.returned))
    if old.interest:
        _keep(new, "interests", favourites.State(old.interest))
    if old.views or old.looked:
        _keep(new, "hesitating", hesitating.State(old.looked, old.views, most(old.views)))
    if old.habits:
        _keep(new, "habits", _habits(old.habits))
    if old.carts or old.cleared or old.left:
        _keep(new, "carts", carts.State(old.carts, old.cleared, old.left or []))
    if (buyer := old.buyer) is not None:
        _keep(new, "orders", buyer.book)
        _keep(new, "scores", scores.State(buyer.scores, scores.UNKNOWN, counted=buyer.counted))
        _keep(new, "segment", segments.State(buyer.segment, buyer.segment_since))
        _keep(new, "churn", alert.State(buyer.alerted, buyer.alert_id))
    return new


OF_LAYOUT_1 = 16
"""Features there were while layout 1 was written, by the numbers they have had since. Each is due at once."""

_NUMBERS = {feature.name: number for number, feature in FEATURES.items()}


def _keep(p: Profile, name: str, state: Struct) -> None:
    place = _NUMBERS[name] - 1
    p.slots += [ABSENT] * (place + 1 - len(p.slots))
    p.slots[place] = state  # type: ignore[call-overload]
