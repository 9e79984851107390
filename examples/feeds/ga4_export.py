"""GA4's BigQuery export as calls: rows of `events_*` as JSON lines in, calls in the order of time out.

bq extract --destination_format NEWLINE_DELIMITED_JSON 'analytics_1.events_20260504' gs://bucket/rows-*.json
cat rows-*.json | python examples/feeds/ga4_export.py | kairos replay --local --format segment -
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]


def calls(rows: Iterable[Row]) -> Iterator[Row]:
    """A call for each row, by the time of the event. Names and fields stay GA4's: Kairos knows them."""
    for row in sorted(rows, key=lambda row: int(row["event_timestamp"])):
        yield {
            "messageId": "-".join(str(row.get(part, "")) for part in PARTS),
            "type": "track",
            "event": row["event_name"],
            "userId": row.get("user_id"),
            "anonymousId": row["user_pseudo_id"],
            "timestamp": datetime.fromtimestamp(int(row["event_timestamp"]) / 1e6, UTC).isoformat(),
            "context": {
                "device": {"type": said((row.get("device") or {}).get("category"))},
                "campaign": {"medium": said((row.get("traffic_source") or {}).get("medium"))},
            },
            "properties": properties(row),
        }


PARTS = ("user_pseudo_id", "event_timestamp", "event_name", "event_bundle_sequence_id", "batch_event_index")
"""The columns that tell one event from all others."""


def properties(row: Row) -> Row:
    """The event's parameters, its `ecommerce` record and its items."""
    found = {param["key"]: value(param["value"]) for param in row.get("event_params") or ()}
    found |= {name: of for name, of in (row.get("ecommerce") or {}).items() if of is not None}
    if row["event_name"] in AMOUNTS:
        found.setdefault("value", found.get(AMOUNTS[row["event_name"]]))
    items = [{name: said(of) for name, of in item.items()} for item in row.get("items") or ()]
    return {**found, "items": items} if items else found


AMOUNTS = {"purchase": "purchase_revenue", "refund": "refund_value"}
"""The column with an event's amount, where it has no parameter `value`."""


def value(of: Row) -> Any:
    """The one value of a parameter, which is of one of four types."""
    return next((found for found in of.values() if found is not None), None)


def said(of: Any) -> Any:
    """A value; None where GA4 has none."""
    return None if of in ("(not set)", "(none)") else of


if __name__ == "__main__":
    for call in calls(json.loads(line) for line in sys.stdin if line.strip()):
        print(json.dumps(call))
