"""The part of the results about memory."""

from __future__ import annotations

from collections.abc import Sequence

from bench.memory import Footprint
from bench.page.goal import said
from bench.page.tables import table

GOAL = 700.0
"""Bytes of Redis the mean live shopper may take."""

METHOD = """\
A real shop's export (ga360: 613,033 events of 3 months) is folded into a real server. At the end the shoppers' keys
(packed profile, public hash, timer) are copied to an empty server of the same kind; the *mean* is what `used_memory`
grew by there, divided by the shoppers: everything is in it, the table of keys and the allocator's rounding too. The
columns beside it are MEMORY USAGE of the keys, which leaves the slots of the table of keys out; a timer is its share of
the shard's sorted set."""


def section(found: Sequence[Footprint]) -> list[str]:
    """Paragraphs of Markdown; none without footprints."""
    if not found:
        return []
    head = ("shoppers", "number", "mean bytes", "of which profile", "public hash", "timer")
    rows = [[f.title, *(f"{size:,.0f}" for size in (f.shoppers, f.mean, *f.keys.values()))] for f in found]
    live = found[0]
    goal = said(f"at most {GOAL:.0f} bytes for the mean live shopper", live.mean <= GOAL, f"{live.mean:,.0f}")
    kinds = [[k.name, f"{k.shoppers:,}", f"{k.mean:,.0f}", f"{k.most:,.0f}"] for k in live.kinds]
    inside = table(("live shoppers", "number", "mean bytes (MEMORY USAGE)", "most"), kinds)
    return ["## Bytes of Redis a shopper", f"{METHOD} {live.server}.", table(head, rows), goal, inside]
