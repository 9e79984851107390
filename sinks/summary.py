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

from models.acting.experiments import CONVERSIONS, TRIALS
from models.carts import dearest
from models.carts.dearest import TopCart
from models.features import SHOPPERS
from models.fold import Fold
from models.interests import heat
from models.interests.heat import Heat
from sinks import hours, minutes, trials
from sinks.hours import Hour
from sinks.minutes import Minute
from sinks.trials import Trials

LETTERS, UNKNOWN_NAMES = "letters", "unknown_names"
"""The texts among the counters: which dead letters a shard wrote lately, and which unknown names are commonest."""

PRESENT = ("shoppers", *SHOPPERS.levels)
"""Of the plain counters those that say what is there now, not what came; groups of holders are the others."""
CARTS = {
    "open": "carts", "value": "carts_value", "reminded": "carts_reminded", "reminded_value": "carts_reminded_value",
}  # fmt: skip
ALERTS = {"standing": "alerts_standing", "at_stake": "at_stake"}
"""Levels by what they are called in the object of `--json`."""
GRID, GRID_VALUE = "rf", "rf_value"
"""Prefixes of the R-F grid: buyers of a cell, and what they spent."""
FATES = ("late", "clamped", "too_old", "dedupe_overflow", "unknown_events", "forwarded", "forward_repeats")
"""Counters that say what an event met on its way, whatever its outcome."""

GROUPS = ("dead", "revenue", "segment", "stage", "coerced", "ignored", "risk")
GROUPED = frozenset((*GROUPS, GRID, GRID_VALUE, TRIALS, CONVERSIONS))
"""Prefixes of counters that are summed by what follows; `GROUPS` are groups of a `Summary` each."""

HEAT = "heat:"
"""Prefix of the lists of what is viewed most."""
TOLD = 10
"""Unknown names that are told."""


class Summary(Struct, frozen=True):
    """Every counter, once: the groups hold what their prefix names, `tags` holders of tags beside segment and stage,
    `unknown_names` the commonest names of events that are not known, `counts` all others (``events``, ``late``, ...).
    A name never counted reads 0. `grid` has the cells of the R-F grid that are not empty, by their two scores ("51"):
    buyers, and what they spent after refunds (minor units). `top_carts` has the dearest open carts, the dearest
    first; `heat` the `products` and `categories` that are viewed most, as of one time, by `long`; `risks`
    repeat buyers by the tenth of their churn risk, "0" to "9"; `trials` the arms of experiments, by programme and share
    held out (permille)."""

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
    hours: tuple[Hour, ...]
    grid: dict[str, tuple[int, int]]
    top_carts: tuple[TopCart, ...]
    heat: dict[str, tuple[Heat, ...]]
    risks: Counter[str]
    trials: Trials

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
            trials=trials.less(self.trials, before.trials),
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
            "carts": {name: self.counts[level] for name, level in CARTS.items()},
            "alerts": {name: self.counts[level] for name, level in ALERTS.items()},
            "risks": _sorted(self.risks),
            "grid": {cell: list(found) for cell, found in self.grid.items()},
            "trials": trials.as_json(self.trials),
            "shoppers": self.counts["shoppers"],
            "shoppers_expired": self.counts["shoppers_expired"],
            "ticks": self.counts["ticks"],
        }


def merge(shards: Iterable[Mapping[str, str] | Mapping[str, int]], fold: Fold = SHOPPERS) -> Summary:
    """Sum the counters of shards, each as `ReadModel.stats` gives them, or with whole numbers as such.

    `fold` knows which of them are tags.

    >>> a = {"events": "3", "dead:not_json": "1", "h:24": "[[1441,3,0,0,0]]"}
    >>> b = {"events": "4", "out:user-tags:entered": "2", "h:0": "[[1,9,9,9,9]]", "h:24": "[[1442,4,1,999,0]]"}
    >>> both = merge([a, b])
    >>> both.counts["events"], both.dead_letters["not_json"], both.outputs["user-tags"]["entered"]
    (7, 1, 2)
    >>> both.minutes[0].events, [minute.minute for minute in both.minutes]
    (3, [1441, 1442])
    """
    counts: Counter[str] = Counter()
    groups: defaultdict[str, Counter[str]] = defaultdict(Counter)
    tags: Counter[str] = Counter()
    outputs: defaultdict[str, Counter[str]] = defaultdict(Counter)
    texts = _Texts()
    fixed = frozenset(fold.tags.values())
    for name, value in (item for stats in shards for item in stats.items()):
        if not isinstance(value, int) and texts.take(name, value):
            continue
        group, _, rest = name.partition(":")
        if group == "out":
            topic, _, kind = rest.rpartition(":")
            outputs[topic][kind] += int(value)
        elif group in GROUPED and rest:
            groups[group][rest] += int(value)
        elif name in fixed or group in fold.families:
            tags[name] += int(value)
        else:
            counts[name] += int(value)
    dead, revenue, segments, stages, coerced, ignored, risks = (groups[group] for group in GROUPS)
    grid = {cell: (n, groups[GRID_VALUE][cell]) for cell, n in sorted(groups[GRID].items()) if n}
    arms = trials.grouped(groups[TRIALS], groups[CONVERSIONS])
    sums = (counts, dead, revenue, dict(outputs), segments, stages, tags, coerced, ignored, texts.names)
    return Summary(*sums, *texts.activity(), grid, texts.dearest(), texts.heat(), risks, arms)


class _Texts:
    """What stands among counters and is no number, of all shards."""

    def __init__(self) -> None:
        self.names: Counter[str] = Counter()
        self._minutes: list[Minute] = []
        self._hours: list[Hour] = []
        self._carts: list[TopCart] = []
        self._views: defaultdict[str, list[Heat]] = defaultdict(list)

    def take(self, name: str, value: str) -> bool:
        """Whether a field is one of these; then it is taken."""
        if name == UNKNOWN_NAMES:
            self.names.update(dict(json.loads(value)))
        elif name == dearest.TOP_CARTS:
            self._carts += dearest.decode(value)
        elif name.startswith(HEAT):
            self._views[name] += heat.decode(value)
        elif name.startswith("h:") or minutes.former(name):
            self._minutes += minutes.unpack(name, value)
        elif hour := hours.unpack(name, value):
            self._hours.append(hour)
        else:
            return name == LETTERS
        return True

    def activity(self) -> tuple[tuple[Minute, ...], tuple[Hour, ...]]:
        """Minutes and hours, those of the same time added up."""
        return minutes.newest(self._minutes), hours.newest(self._hours)

    def dearest(self) -> tuple[TopCart, ...]:
        """Open carts, the dearest first."""
        return tuple(sorted(self._carts, key=dearest.order))

    def heat(self) -> dict[str, tuple[Heat, ...]]:
        """By kind of what was viewed, what is viewed most first."""
        names = (heat.PRODUCTS, heat.CATEGORIES)
        return {name.removeprefix(HEAT): heat.together(self._views[name]) for name in names}


def _less(counts: Counter[str], before: Counter[str]) -> Counter[str]:
    return Counter({name: count - before[name] for name, count in counts.items()})


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in sorted(counts.items()) if count}
