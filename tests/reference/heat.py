"""What is viewed most: every view there was, each decayed by itself. (No history has more products than are kept.)"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping

import pytest

from models.kernel.settings import DAY, HOUR
from tests.reference.world import World

Heats = dict[tuple[str, str], tuple[int, float, float]]
"""By kind and name: as of when, views decayed by the hour and by the day."""


def heat_of_reference(world: World) -> Heats:
    """By all views."""
    times: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for kind, name, e in world.views:
        times[kind, name].append(e)
    return {key: (max(seen), decayed(seen, HOUR), decayed(seen, DAY)) for key, seen in times.items()}


def decayed(times: list[int], half_life: int) -> float:
    """Views as of the newest: each halves with every half-life between."""
    return sum(0.5 ** ((max(times) - e) / half_life) for e in times)


def heat_of_engine(stats: Mapping[str, str]) -> Heats:
    """As the shard keeps them; as good as equal is equal."""
    return {
        (kind, name): (as_of, pytest.approx(short), pytest.approx(long))
        for kind in ("products", "categories")
        for name, short, long, as_of in json.loads(stats.get(f"heat:{kind}", "[]"))
    }
