"""Shopify's export of orders (CSV) as calls, in the order of time.

    python examples/feeds/shopify_orders.py < orders_export.csv | kairos replay --local --format segment -

An order is several rows, one a line item; its amounts stand in the first. It belongs to the e-mail address; orders
without one (the till's) are left out and counted. The export says how much was refunded, and not when: a refund counts
at the order's own time.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

Call = dict[str, Any]


def calls(rows: Iterable[dict[str, str]]) -> Iterator[Call]:
    """Order Completed for each order; Order Refunded and Order Cancelled where it says so."""
    orders: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        orders.setdefault(row["Name"], []).append(row)
    for first, *more in orders.values():
        if not first["Email"]:
            print(f"{first['Name']}: left out, no e-mail", file=sys.stderr)
            continue
        order = first.get("Id") or first["Name"]
        yield call(first, "Order Completed", "Created at", completed(order, [first, *more]))
        if float(first.get("Refunded Amount") or 0):
            refund = {"order_id": order, "revenue": first["Refunded Amount"], "currency": first["Currency"]}
            yield call(first, "Order Refunded", "Created at", refund)
        if first.get("Cancelled at"):
            yield call(first, "Order Cancelled", "Cancelled at", {"order_id": order})


def completed(order: str, rows: list[dict[str, str]]) -> Call:
    """An order's properties. Subtotal is after discounts, before shipping and tax, as Kairos counts."""
    first = rows[0]
    return {
        "order_id": order,
        "revenue": first["Subtotal"],
        "total": first["Total"],
        "currency": first["Currency"],
        "coupon": first["Discount Code"],
        "discount": first["Discount Amount"],
        "products": [
            {
                "sku": row["Lineitem sku"],
                "name": row["Lineitem name"],
                "price": row["Lineitem price"],
                "quantity": row["Lineitem quantity"],
            }
            for row in rows
        ],
    }


def call(order: dict[str, str], event: str, column: str, properties: Call) -> Call:
    """A call about an order, at the time in this column."""
    at = datetime.strptime(order[column], "%Y-%m-%d %H:%M:%S %z").isoformat()
    ids = {"messageId": f"{event} {order['Name']}", "userId": order["Email"].lower()}
    return {**ids, "type": "track", "event": event, "timestamp": at, "properties": properties}


if __name__ == "__main__":
    found = calls(csv.DictReader(sys.stdin))
    for each in sorted(found, key=lambda call: datetime.fromisoformat(call["timestamp"])):
        print(json.dumps(each))
