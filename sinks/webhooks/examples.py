"""One message of each kind, to check templates by and to show what they make of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.kernel.ids import digest
from models.kernel.outputs import USER_TAGS
from sinks.webhooks.properties import CARTS, CHURN

_TRIGGER, _ALERT = digest("example", CARTS, "triggered"), digest("example", CHURN, "raised")
_SHOPPER = {"user_id": "u2", "as_of": 1775039580000}
_CART = {**_SHOPPER, "cart_id": "c7", "anchor": 1775037780000}
_CONTENTS = {
    "value": 5990,
    "currency": "USD",
    "products": [
        {"product_id": "p1", "quantity": 1, "price": 5990, "variant": "42"},
        {"product_id": "p9", "quantity": 2},
    ],
}
_BUYER = {
    **_SHOPPER,
    "last_order": 1774094400000,
    "overdue_ratio": 3.0,
    "expected_next_order": 1774958400000,
    "value_at_stake": 14521,
    "currency": "USD",
    "model": "model/20260401",
}
_RISK = {
    "risk": 0.81,
    "risk_after_order": 0.42,
    "horizon_days": 90,
    "reasons": ["no order for 3 times the usual gap"],
}
_CHURNS = "no order for 3 times the usual gap"
_LEFT = "3 items left for 30 min without an order"


def _messages() -> dict[tuple[str, str], dict[str, Any]]:
    cart, acting = {**_CART, "arm": "treated"}, {"channels": ["email"], "arm": "treated"}
    until, held = {"expires_at": 1775125980000}, {"arm": "holdout"}
    return {
        (USER_TAGS, "entered"): {**_SHOPPER, "reason": "R 5 F 1 M 3", "tag": "segment:new", "since": 1775039580000},
        (USER_TAGS, "exited"): {**_SHOPPER, "reason": "R 4 F 1 M 3", "tag": "segment:new", "since": 1772366400000},
        (CHURN, "raised"): {**_BUYER, **_RISK, **acting, **until, "reason": _CHURNS},
        (CHURN, "suppressed"): {**_BUYER, **_RISK, **held, "reason": "holdout"},
        (CHURN, "cleared"): {**_BUYER, "arm": "treated", "reason": "ordered again", "retract": [_ALERT]},
        (CARTS, "triggered"): {**_CART, **_CONTENTS, **acting, **until, "step": 1, "stage": "cart", "reason": _LEFT},
        (CARTS, "suppressed"): {**_CART, **_CONTENTS, **held, "step": 1, "stage": "cart", "reason": "holdout"},
        (CARTS, "cancelled"): {**cart, "step": 0, "reason": "ordered before the trigger", "retract": [_TRIGGER]},
        (CARTS, "recovered"): {**cart, "step": 1, "reason": "ordered after the trigger", "order_at": 1775042100000},
        (CARTS, "expired"): {**cart, "step": 0, "reason": "no order within the window"},
    }


EXAMPLES: Mapping[tuple[str, str], Mapping[str, Any]] = {
    (topic, kind): {"id": digest("example", topic, kind), "kind": kind, **message}
    for (topic, kind), message in _messages().items()
}
"""By topic and kind, as JSON has them; a test holds them against the contract's schemas."""
