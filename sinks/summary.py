"""All shards' counters as one: what `replay --json`, the dashboard and tests show.

A shard writes its counters flat (``dead:not_json``, ``out:user-tags:entered``, ``h:17``, see docs/redis-keys.md);
here they are summed over the shards and put into groups.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from models.features import SHOPPERS
from models.fold import Fold
from sinks.minutes import Minute, newest, unpack

LETTERS, UNKNOWN_NAMES = "letters", "unknown_names"
"""The texts among the counters: which dead letters a shard wrote lately, and which unknown names are commonest."""

PRESENT = ("shoppers", "carts")
"""Of the plain counters those that say what is there now, not what came; groups of holders are the others."""
FATES = ("late", "clamped", "too_old", "dedupe_overflow", "unknown_events", "forwarded", "forward_repeats")
"""Counters that say what an event met on its way, whatever its outcome."""

GROUPS = ("dead", "revenue", "segment", "stage", "coerced", "ignored")
"""Prefixes of counters that are summed by what follows; the fields of `Summary` in their order."""


TOLD = 10
"""Unknown names that are told."""


class Summary(Struct, frozen=True):
    """Every counter, once: the groups hold what their prefix names, `tags` holders of tags beside segment and stage,
    `unknown_names` the commonest names of events that are not known, `counts` all others (``events``, ``late``, ...).
    A name never counted reads 0."""

    counts: Counter[str]
    dead_letters: Counter[str]
    revenue: Counter[str]
    outputs: dict[str, Counter[str]]
    segments: Counter[str]
    stages: Counter[str]
    tags: Counter[str]
    coerced: Counter[str]
    ignored: Counter[str]
    unknown_names: Counter[str]
    minutes: tuple[Minute, ...]

    def since(self, before: Summary) -> Summary:
        """What came after another, earlier summary of the same shards. Shoppers, carts and holders of tags are those
        of now.

        >>> before, now = merge([{"events": "3", "shoppers": "2"}]), merge([{"events": "5", "shoppers": "2"}])
        >>> sorted(now.since(before).counts.items())
        [('events', 2), ('shoppers', 2)]
        """
        here = {name: self.counts[name] for name in PRESENT if name in self.counts}
        outputs = {role: _less(kinds, before.outputs.get(role, Counter())) for role, kinds in self.outputs.items()}
        return replace(
            self,
            counts=Counter({**_less(self.counts, before.counts), **here}),
            dead_letters=_less(self.dead_letters, before.dead_letters),
            revenue=_less(self.revenue, before.revenue),
            coerced=_less(self.coerced, before.coerced),
            ignored=_less(self.ignored, before.ignored),
            unknown_names=_less(self.unknown_names, before.unknown_names),
            outputs=outputs,
        )

    def as_json(self) -> dict[str, Any]:
        """The object `--json` prints (without ``seconds``): groups sorted by name, names that count 0 left out."""
        return {
            "events": self.counts["events"],
            "applied": self.counts["applied"],
            "duplicates": self.counts["duplicates"],
            "dead_letters": _sorted(self.dead_letters),
            **{name: self.counts[name] for name in FATES},
            "coerced": _sorted(self.coerced),
            "ignored": _sorted(self.ignored),
            "unknown_names": {name: n for name, n in self.unknown_names.most_common(TOLD) if n > 0},
            "orders": self.counts["orders"],
            "order_conflict": self.counts["order_conflict"],
            "revenue": _sorted(self.revenue),
            "outputs": {topic: _sorted(kinds) for topic, kinds in sorted(self.outputs.items())},
            "segments": _sorted(self.segments),
            "tags": _sorted(self.tags),
            "shoppers": self.counts["shoppers"],
            "shoppers_expired": self.counts["shoppers_expired"],
            "ticks": self.counts["ticks"],
        }


def merge(shards: Iterable[Mapping[str, str]], fold: Fold = SHOPPERS) -> Summary:
    """Sum the counters of shards, each as `ReadModel.stats` gives them; `fold` knows which of them are tags.

    >>> a = {"events": "3", "dead:not_json": "1", "h:24": "[[1441,3,0,0,0]]"}
    >>> b = {"events": "4", "out:user-tags:entered": "2", "h:0": "[[1,9,9,9,9]]", "h:24": "[[1442,4,1,999,0]]"}
    >>> both = merge([a, b])
    >>> both.counts["events"], both.dead_letters["not_json"], both.outputs["user-tags"]["entered"]
    (7, 1, 2)
    >>> both.minutes[0], [minute.minute for minute in both.minutes]
    (Minute(minute=1441, events=3, orders=0, revenue=0, triggers=0), [1441, 1442])
    """
    counts: Counter[str] = Counter()
    groups: defaultdict[str, Counter[str]] = defaultdict(Counter)
    tags: Counter[str] = Counter()
    outputs: defaultdict[str, Counter[str]] = defaultdict(Counter)
    minutes: list[Minute] = []
    names: Counter[str] = Counter()
    fixed = frozenset(fold.tags.values())
    for name, value in (item for stats in shards for item in stats.items()):
        group, _, rest = name.partition(":")
        if name == LETTERS:
            continue
        if name == UNKNOWN_NAMES:
            names.update(dict(json.loads(value)))
            continue
        if found := unpack(name, value):
            minutes += found
        elif group == "out":
            topic, _, kind = rest.rpartition(":")
            outputs[topic][kind] += int(value)
        elif group in GROUPS and rest:
            groups[group][rest] += int(value)
        elif name in fixed or group in fold.families:
            tags[name] += int(value)
        else:
            counts[name] += int(value)
    dead, revenue, segments, stages, coerced, ignored = (groups[group] for group in GROUPS)
    holders = (segments, stages, tags)
    return Summary(counts, dead, revenue, dict(outputs), *holders, coerced, ignored, names, newest(minutes))


def _less(counts: Counter[str], before: Counter[str]) -> Counter[str]:
    return Counter({name: count - before[name] for name, count in counts.items()})


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in sorted(counts.items()) if count}
