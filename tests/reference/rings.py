"""Counts by minute and by hour as the engine keeps them, beside those of the reference."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from models.features import SHOPPERS
from tests.reference.world import World

Counts = dict[tuple[int, str], int]
"""By minute or hour (since 1970) and name, those that are not 0."""
COLUMNS = (
    "events", "orders", "revenue", "triggers", "visitors", "visits", "viewed", "carted", "checkout", "bought",
)  # fmt: skip
HOURS_OF_MINUTES, HOURS = 25, 193
DECLARED = re.compile("|".join(re.sub("<.*?>", "[a-z_]*", name) for name in (*COLUMNS, *SHOPPERS.hourly)))
"""Names that an hour may have."""


def newest(counts: Iterable[tuple[tuple[int, str], int]], hours: int, of: int) -> Counts:
    """Those of the hours that are kept: of all with one remainder the newest. `of`: how many keys make an hour."""
    found, last = dict(counts), dict[int, int]()
    for at, _ in found:
        hour = at // of
        last[hour % hours] = max(last.get(hour % hours, hour), hour)
    return {key: n for key, n in found.items() if n and last[key[0] // of % hours] == key[0] // of}


def minutes_of_reference(world: World) -> Counts:
    """The minutes of the newest hours."""
    return newest(world.minutes.items(), HOURS_OF_MINUTES, 60)


def minutes_of_engine(stats: Mapping[str, str]) -> Counts:
    """The minutes of a shard."""
    rows = [row for name, text in stats.items() if name.startswith("h:") for row in json.loads(text)]
    return {(row[0], name): n for row in rows for name, n in zip(COLUMNS, row[1:], strict=False) if n}


def hours_of_reference(world: World) -> Counts:
    """The newest hours: sums of the minutes, what shoppers became, and the carts that are open by their hour."""
    counts = Counter(world.hours)
    for (minute, name), n in world.minutes.items():
        counts[minute // 60, name] += n
    for shopper in world.shoppers.values():
        counts.update(shopper.carts.changed_at(shopper.history))
    return newest(counts.items(), HOURS, 1)


def hours_of_engine(stats: Mapping[str, str]) -> Counts:
    """The hours of a shard."""
    fields = [json.loads(text) for name, text in stats.items() if name.startswith("w:")]
    found = {(hour, name): n for hour, counts in fields for name, n in counts.items() if n}
    assert {name for _, name in found if not DECLARED.fullmatch(name)} == set()
    return found
