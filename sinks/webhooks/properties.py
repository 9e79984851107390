"""A message as systems of other makers take it: a name for people, money in whole units, times as text."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from models.carts.cart_trigger import CART_ABANDONMENTS
from models.churn.alert_message import CHURN_ALERTS
from models.decoding.money import exponent
from models.kernel.outputs import USER_TAGS
from models.kernel.stamps import stamp

if TYPE_CHECKING:
    from sinks.webhooks.endpoints import Endpoint

CARTS, CHURN = CART_ABANDONMENTS.role, CHURN_ALERTS.role
NAMES = {
    (CARTS, "triggered"): "Cart Abandoned",
    (CARTS, "suppressed"): "Cart Reminder Suppressed",
    (CARTS, "cancelled"): "Cart Reminder Cancelled",
    (CARTS, "recovered"): "Cart Recovered",
    (CARTS, "expired"): "Cart Reminder Expired",
    (CHURN, "raised"): "Churn Alert Raised",
    (CHURN, "suppressed"): "Churn Alert Suppressed",
    (CHURN, "cleared"): "Churn Alert Cleared",
    (USER_TAGS, "entered"): "Tag Entered",
    (USER_TAGS, "exited"): "Tag Exited",
}
"""What a message is called where people build campaigns upon it."""
TIMES = frozenset({"as_of", "anchor", "order_at", "expires_at", "since", "last_order", "expected_next_order"})
MONEY = frozenset({"value", "value_at_stake", "price"})
"""Fields of messages that are times (ms), and amounts (minor units)."""
OWN = frozenset({"id", "kind", "user_id"})
"""Fields that a request has in its own places."""


def name(topic: str, kind: str) -> str:
    """What a message is called.

    >>> name("cart-abandonments", "triggered"), name("win-backs", "due")
    ('Cart Abandoned', 'Win Backs Due')
    """
    return NAMES.get((topic, kind)) or f"{topic} {kind}".replace("-", " ").title()


def amount(minor: int, currency: str) -> float:
    """Minor units as units of the currency.

    >>> amount(5990, "EUR"), amount(5990, "JPY"), amount(5990, "KWD")
    (59.9, 5990.0, 5.99)
    """
    return float(Decimal(minor).scaleb(-exponent(currency)))


def properties(message: Mapping[str, Any]) -> dict[str, Any]:
    """What a message says beside its id, kind and shopper: amounts in units of its currency, times in ISO 8601 (UTC).

    >>> properties({"id": "0f", "kind": "triggered", "user_id": "u2", "as_of": 0, "value": 599, "currency": "USD"})
    {'as_of': '1970-01-01T00:00:00.000Z', 'value': 5.99, 'currency': 'USD'}
    """
    currency = message.get("currency", "")
    return {key: _told(key, value, currency) for key, value in message.items() if key not in OWN}


def _told(key: str, value: Any, currency: str) -> Any:
    if key in TIMES and isinstance(value, int):
        return stamp(value)
    if key in MONEY and isinstance(value, int):
        return amount(value, currency)
    if key == "products":
        return [{inner: _told(inner, held, currency) for inner, held in line.items()} for line in value]
    return value


def worth(message: Mapping[str, Any]) -> float | None:
    """What is at stake, in units of the currency; None where a message tells no amount.

    >>> worth({"kind": "raised", "value_at_stake": 14521, "currency": "USD"}), worth({"kind": "expired"})
    (145.21, None)
    """
    minor = message.get("value_at_stake", message.get("value"))
    return None if minor is None else amount(minor, message.get("currency", ""))


def unspoken(endpoint: Endpoint, message: Mapping[str, Any]) -> bool:
    """Whether a marketing system is not told, since nobody is to write to the shopper: of what was suppressed (no
    consent, the cap, ...) and of the holdout it hears nothing, unless the endpoint names ``suppressed``."""
    kept = message["kind"] == "suppressed" or message.get("arm") == "holdout"
    return kept and "suppressed" not in endpoint.kinds
