"""When, on what and by which way a shopper usually comes: visits counted, and the four families of tags about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from models.habits.families import (
    CHANNELS,
    DEVICES,
    FAMILIES,
    HOURS,
    LEAST,
    WEEKDAYS,
    Family,
    Shares,
    evaluate,
    reason,
    shares,
    within_reach,
)
from models.kernel import zones
from models.kernel.call_context import read_visit
from models.kernel.effects import Context
from models.kernel.feature import Feature, Tag, View
from models.kernel.moment import Moment
from models.kernel.settings import DAY
from models.kernel.tags import Key, first, key
from models.learners.beta import BetaCounts, tally

MOST_DEVICES, MOST_CHANNELS = 4, 6
"""Kinds counted of a shopper."""
_HOURS = [f"visits:hour:{hour}" for hour in HOURS.kinds]
_WEEKDAYS = [f"visits:weekday:{day}" for day in WEEKDAYS.kinds]


class State(Struct, array_like=True, gc=False):
    """Pairs kind, number of visits; of weekdays (0 is Monday) days with a visit. A device or channel is an id of the
    shard's vocabulary, or its name."""

    hours: list[int | str] = field(default_factory=list)
    devices: list[int | str] = field(default_factory=list)
    channels: list[int | str] = field(default_factory=list)
    weekdays: list[int | str] = field(default_factory=list)

    def pairs(self) -> Iterable[tuple[Family, list[int | str]]]:
        """Every family, with what is counted of it."""
        return (HOURS, self.hours), (WEEKDAYS, self.weekdays), (DEVICES, self.devices), (CHANNELS, self.channels)


class Habits(Feature):
    """A fact about the beginnings of visits, and the rule about it."""

    name = "habits"
    keeps = State
    visits = True
    raises = ("habits",)
    reads = ("habits",)
    tags = tuple(Tag(family.key, family.tag, family.enters, family.exits) for family in FAMILIES)

    def visit(self, m: Moment) -> int:
        """Count a visit, for the shopper and for the shop. Silent where no kind is a habit or within reach of one."""
        record: Any = m.record
        state, ctx = m.ensure(self), m.ctx
        zone, device, channel = read_visit(record.context)
        clock = zones.shown(m.e, zone)
        hour = zones.hour(clock)
        tally(state.hours, hour)
        ctx.effects.counts[_HOURS[hour]] += 1
        # No date lasts two days, so that most visits need not ask what the clock showed at the event before.
        if not m.idle or m.idle >= 2 * DAY or zones.date(clock) != zones.date(zones.shown(m.e - m.idle, zone)):
            weekday = zones.weekday(clock)
            tally(state.weekdays, weekday)
            ctx.effects.counts[_WEEKDAYS[weekday]] += 1
        if device:
            _count(ctx, state.devices, device, MOST_DEVICES, "visits:device:")
        if channel:
            _count(ctx, state.channels, channel, MOST_CHANNELS, "visits:channel:")
        return self.signals["habits"] if m.p.visits >= LEAST and next(_open(m, state), None) else 0

    def evaluate(self, m: Moment) -> int:
        """By the shopper's counts beside the shop's."""
        state = m.own(self)
        if state is None:
            return 0
        for family, pairs, held in _open(m, state):
            counts = BetaCounts(family.strength, len(pairs), pairs)
            evaluation = evaluate(family, counts, held, _priors(m, family, pairs[::2]))
            if evaluation.kind == held:
                continue
            before, after = (None if kind is None else key(family.key, kind) for kind in (held, evaluation.kind))
            m.swap(before, after, reason(family, evaluation, counts.total))
        return 0

    def describe(self, state: State | None, view: View) -> dict[str, Any]:
        """Visits by hour, device, channel, and days with a visit by weekday."""
        found = {}
        for family, pairs in (state or State()).pairs():
            counted = zip(pairs[::2], pairs[1::2], strict=True)
            if family.kinds:
                found[family.name] = {family.kinds[int(kind)]: int(n) for kind, n in sorted(counted)}
            else:
                found[family.name] = dict(sorted((view.name(kind), int(n)) for kind, n in counted))
        return found


def _count(ctx: Context, pairs: list[int | str], name: str, most: int, counter: str) -> None:
    """Count a device or a channel, unless it is one kind too many."""
    vocabulary = ctx.vocabulary
    kind = vocabulary.ids.get(name, name)
    if len(pairs) >= 2 * most and kind not in pairs[::2]:
        return
    if kind is name:
        kind = vocabulary.id(name)
    tally(pairs, kind)
    if kind is not name:
        ctx.effects.counts[counter + name] += 1


def _open(m: Moment, state: State) -> Iterator[tuple[Family, list[int | str], Key | None]]:
    """Families that may have something to say of the shopper: with the pairs counted, and the kind that is a habit."""
    for family, pairs in state.pairs():
        counts: Any = pairs[1::2]
        if not counts or max(counts) < family.least:  # nor is one held
            continue
        held = first(m.p.tags, family.key)
        if held is not None or within_reach(family, counts, _shares(m.ctx, family).highest):
            yield family, pairs, held


def _shares(ctx: Context, family: Family) -> Shares:
    """The shop's visits as the table in force has them."""
    cuts = ctx.tables["cuts"]
    version, found = ctx.memo.get(family.tag, (-1, None))
    if version != cuts.version:
        visits = getattr(cuts, family.name)
        found = shares(family, dict(enumerate(visits)) if family.kinds else visits)
        ctx.memo[family.tag] = cuts.version, found
    known: Shares = found
    return known


def _priors(m: Moment, family: Family, counted: list[Key]) -> Mapping[Key, float]:
    """Shares of the shop's visits, where the table in force has them: of the kinds that may be the likeliest."""
    shop, names = _shares(m.ctx, family), m.ctx.vocabulary.names
    if not shop.of:
        return dict.fromkeys(sorted(counted, key=int) if family.kinds else counted, family.prior)
    if family.kinds:
        rival = next((kind for kind in shop.busiest if kind not in counted), None)  # of those never seen the likeliest
        return {kind: shop.of[kind] for kind in sorted([*counted, rival] if rival is not None else counted)}
    return {kind: shop.of.get(names[kind] if isinstance(kind, int) else kind, 0) for kind in counted}
