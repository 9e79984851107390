"""Messages of Kairos for a consumer: of Kairos' own types, with ids of their own."""

from __future__ import annotations

from typing import Any

from models.carts.cart_trigger import CartLine, CartTrigger
from models.churn.alert_message import ChurnAlert
from models.kernel.ids import digest

DAY = 86_400_000


def trigger(user: str, at: int, cart: str = "c1") -> CartTrigger:
    """A cart was left at `at` (ms)."""
    return _cart("triggered", user, at, cart, expires_at=at + DAY, products=(CartLine("p", 1, 500),), value=500)


def suppressed(user: str, at: int) -> CartTrigger:
    """As before, of nobody who can be reminded."""
    return _cart("suppressed", user, at, "c1")


def closing(left: CartTrigger, kind: Any, after: int = 1000) -> CartTrigger:
    """How it ended, so much later (ms)."""
    retract = (left.id,) if kind == "cancelled" else ()
    user, at = str(left.user_id), left.as_of + after
    return _cart(kind, user, at, left.cart_id, anchor=left.anchor, step=int(kind == "recovered"), retract=retract)


def _cart(kind: Any, user: str, at: int, cart: str, **more: Any) -> CartTrigger:
    common = {"anchor": at - 1_800_000, "step": 1, "arm": "treated", "currency": "USD"} | more
    return CartTrigger(
        id=digest("carts", kind, user, cart, at), kind=kind, user_id=user, as_of=at, reason="", cart_id=cart, **common
    )


def raised(user: str, at: int) -> ChurnAlert:
    """A buyer is overdue."""
    return _alert("raised", user, at, arm="treated", expires_at=at + 30 * DAY)


def cleared(alert: ChurnAlert, after: int = 1000) -> ChurnAlert:
    """The buyer is back."""
    return _alert("cleared", str(alert.user_id), alert.as_of + after, retract=(alert.id,))


def _alert(kind: Any, user: str, at: int, **more: Any) -> ChurnAlert:
    return ChurnAlert(
        id=digest("churn", kind, user, at), kind=kind, user_id=user, as_of=at, reason="", last_order=at - 90 * DAY,
        overdue_ratio=3.0, expected_next_order=at - 60 * DAY, value_at_stake=100, currency="USD", model="test", **more
    )  # fmt: skip
