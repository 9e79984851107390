"""What Kairos says: the messages of the output topics. `models.ids` gives each its deterministic `id`.

No field holds wall time, token, sequence number, host, partition or offset (dead letters alone carry where they
came from). `as_of` and `expires_at` are milliseconds of event time.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

USER_TAGS = "user-tags"
CHURN_ALERTS = "churn-alerts"
CART_ABANDONMENTS = "cart-abandonments"
DEAD_LETTERS = "dead-letters"

OUTPUT_TOPICS = (USER_TAGS, CHURN_ALERTS, CART_ABANDONMENTS, DEAD_LETTERS)
"""Roles of the output topics; the settings give each its name on the broker."""


class Output(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What every output has."""

    id: str
    kind: str
    user_id: str | None
    as_of: int
    reason: str


class TagChange(Output, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A tag was entered or exited. `since` is when the tag was entered; `table` names the cuts it was judged by;
    `score` says how unusual an order is."""

    kind: Literal["entered", "exited"]
    tag: str
    since: int
    table: str | None = None
    score: float | None = None


class ChurnAlert(Output, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A buyer is overdue, or is back."""

    kind: Literal["raised", "cleared"]
    last_order: int
    overdue_ratio: float
    expected_next_order: int
    value_at_stake: int
    currency: str
    model: str
    expires_at: int | None = None
    retract: tuple[str, ...] = ()


class CartLine(Struct, frozen=True, omit_defaults=True, gc=False):
    """One product in a cart; `price` is the unit price in minor units."""

    product_id: str
    quantity: int
    price: int | None = None


class CartTrigger(Output, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What became of a cart that was left.

    `anchor` is the last change the step counts from. `step`: of `triggered` and `suppressed` the reminder they are
    about, of `recovered` the one it answers, the last before the order (so far there is one: 1); 0 in the others.
    `products_cut` tells how many products of a very large cart are not listed; they are in `value`.
    """

    kind: Literal["triggered", "suppressed", "cancelled", "recovered", "expired"]
    cart_id: str
    anchor: int
    step: int
    arm: Literal["treated", "holdout"]
    value: int = 0
    currency: str = ""
    products: tuple[CartLine, ...] = ()
    products_cut: int = 0
    order_at: int | None = None
    expires_at: int | None = None
    retract: tuple[str, ...] = ()


class DeadLetter(Output, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A record that could not be used, with its original bytes (up to 64 KB, base64 in JSON)."""

    kind: Literal["dead_letter"]
    code: str
    role: str
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    size: int
    copy: int = 0
