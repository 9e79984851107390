"""WooCommerce's orders, as its REST API lists them (`/wp-json/wc/v3/orders`, pages of JSON), as calls by time.

    curl -u "$KEY:$SECRET" 'https://shop.example/wp-json/wc/v3/orders?per_page=100&page=1' > 1.json     # and so on
    cat *.json | python examples/feeds/woocommerce_orders.py | kairos replay --local --format segment -

An order belongs to the billing e-mail, as with Segment's plug-in; orders nobody paid for are left out. The list says
how much was refunded, and not when: a refund counts at the order's last change.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

Order = dict[str, Any]
Call = dict[str, Any]

UNPAID = frozenset({"pending", "failed", "checkout-draft", "auto-draft", "trash"})
"""States of an order that is none (yet)."""


def pages(text: str) -> Iterator[Order]:
    """The orders of one or more pages, one after the other."""
    at, decoder = 0, json.JSONDecoder()
    while at < len(text):
        page, at = decoder.raw_decode(text, at)
        yield from page
        at += len(text[at:]) - len(text[at:].lstrip())


def calls(orders: Iterable[Order]) -> Iterator[Call]:
    """Order Completed for each order; Order Refunded and Order Cancelled where it says so."""
    for order in orders:
        if order["status"] in UNPAID or not order["billing"]["email"]:
            continue
        yield call(order, "Order Completed", "date_created_gmt", completed(order))
        for refund in order["refunds"]:
            amount = {"refund_id": refund["id"], "order_id": order["id"], "revenue": str(abs(Decimal(refund["total"])))}
            yield call(order, "Order Refunded", "date_modified_gmt", {**amount, "currency": order["currency"]})
        if order["status"] == "cancelled":
            yield call(order, "Order Cancelled", "date_modified_gmt", {"order_id": order["id"]})


def completed(order: Order) -> Call:
    """An order's properties. A line's `total` is after discounts and before tax, as Kairos counts."""
    return {
        "order_id": order["id"],
        "revenue": str(sum((Decimal(line["total"]) for line in order["line_items"]), Decimal())),
        "total": order["total"],
        "currency": order["currency"],
        "coupon": ",".join(coupon["code"] for coupon in order["coupon_lines"]),
        "products": [
            {
                "product_id": line["product_id"],
                "variant": str(line["variation_id"] or ""),
                "sku": line["sku"],
                "name": line["name"],
                "price": line["price"],
                "quantity": line["quantity"],
            }
            for line in order["line_items"]
        ],
    }


def call(order: Order, event: str, column: str, properties: Call) -> Call:
    """A call about an order, at the time in this column (UTC)."""
    name = f"{event} {properties.get('refund_id', order['id'])}"
    ids = {"messageId": name, "userId": order["billing"]["email"].lower()}
    return {**ids, "type": "track", "event": event, "timestamp": f"{order[column]}Z", "properties": properties}


if __name__ == "__main__":
    for each in sorted(calls(pages(sys.stdin.read().strip())), key=lambda call: str(call["timestamp"])):
        print(json.dumps(each))
