"""Standard events of a Shopify web pixel as calls: a pixel's events as JSON lines in, calls out, as they come.

    python examples/feeds/shopify_pixel.py < events.jsonl | kairos replay --local --format segment -

A pixel's event is `{id, name, clientId, timestamp, context, data}`. `userId` is what the pixel adds where the customer
is logged in (docs/feeds.md); without it the shopper is the browser, and nobody Kairos would remind.
"""

from __future__ import annotations

import json
import sys
from typing import Any

Json = dict[str, Any]


def call(event: Json) -> Json:
    """The call of an event. The name stays Shopify's: Kairos knows it."""
    customer = nested(event, "data", "checkout", "order", "customer", "id")
    return {
        "messageId": event["id"],
        "type": "track",
        "event": event["name"],
        "userId": event.get("userId") or customer,
        "anonymousId": event["clientId"],
        "timestamp": event["timestamp"],
        "properties": properties(event.get("data") or {}),
    }


def properties(data: Json) -> Json:
    """What `data` says of a product, a cart line or a checkout, flat."""
    if line := data.get("cartLine"):
        return {**product(line["merchandise"]), "quantity": line["quantity"]}
    if variant := data.get("productVariant"):
        return product(variant)
    checkout = data.get("checkout")
    if checkout is None:
        return {}
    return {
        "order_id": nested(checkout, "order", "id"),
        "revenue": nested(checkout, "subtotalPrice", "amount"),
        "total": nested(checkout, "totalPrice", "amount"),
        "discount": nested(checkout, "discountsAmount", "amount"),
        "currency": checkout.get("currencyCode"),
        "products": [{**product(line["variant"]), "quantity": line["quantity"]} for line in checkout["lineItems"]],
    }


def product(variant: Json) -> Json:
    """A variant of a product."""
    return {
        "product_id": nested(variant, "product", "id"),
        "name": nested(variant, "product", "title"),
        "category": nested(variant, "product", "type"),
        "variant": variant.get("id"),
        "sku": variant.get("sku"),
        "price": nested(variant, "price", "amount"),
        "currency": nested(variant, "price", "currencyCode"),
    }


def nested(of: Any, *names: str) -> Any:
    """The value under these names, one inside the other; None where one is missing."""
    for name in names:
        of = (of or {}).get(name)
    return of


if __name__ == "__main__":
    for text in sys.stdin:
        if text.strip():
            print(json.dumps(call(json.loads(text))))
