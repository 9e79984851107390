"""The fold: one event, or one due timer, into one shopper's profile.

    event ─▶ recent ids ─▶ activity ─▶ facts of that event type ─▶ rules of the raised signals ─▶ earliest due
    timer ─▶ rules whose due has come ─▶ earliest due

`Fold.event` and `Fold.timer` are the only ways a profile changes. Both are deterministic: the same profile, event and
`now` give the same profile, outputs and counts, on every machine. No feature is named here (see `models.features`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from functools import reduce
from operator import or_
from typing import Any, Literal, Protocol

from models.kernel import activity
from models.kernel.effects import Context
from models.kernel.events import CLICKSTREAM, Event
from models.kernel.feature import CONSENT, CREATED, OWN, SIGNALS, VISIT, Feature
from models.kernel.moment import Derived, Moment
from models.kernel.outputs import LETTERS, TAGS, OutputTopic
from models.kernel.recent_ids import is_duplicate
from models.kernel.record import DecodedRecord
from models.kernel.settings import DAY, together
from models.kernel.shopper import BOT, LIFETIME, Profile
from models.kernel.table import Table
from models.kernel.tags import name
from models.kernel.vocabulary import Vocabulary

Outcome = Literal["applied", "duplicate"]
Route = tuple[Callable[[Moment, Any], bool | None] | None, tuple[Callable[[Moment, Any], int], ...]]
"""What tells whether an event of a type is known already, if not its message's id; and what takes it."""
UNHEARD: Route = (None, ())


class Lifetime(Protocol):
    """How long a shopper is remembered."""

    def begins(self, ctx: Context, event: Event, e: int) -> int:
        """When a shopper will be forgotten of whom nothing is known but this event, of time `e` (both ms)."""

    def ends(self, m: Moment) -> int:
        """When the shopper will be forgotten, as known now (ms)."""


class Fold:
    """Built once from the features, in the order of telling.

    Parameters
    ----------
    features
        By number.
    derived
        Facts worked out from several states, by name.
    lifetime
        How long a shopper is remembered.
    tables
        The kinds of tables they judge by.

    Attributes
    ----------
    tags, families
        Names of tags without a subject, by key; what stands before the colon in names of tags with one.
    counters, levels, hourly
        What features count beside outputs and tags: name -> what it says.
    outputs
        Topics by their role, in the order of telling: tags first, dead letters last.
    showing, published
        Features that say whether a shopper has a public hash, and those with fields in it.
    settings
        The struct of all settings: `models.kernel.settings.SharedSettings`, and the features' own.
    """

    def __init__(
        self, features: Mapping[int, Feature], derived: Derived, lifetime: Lifetime, tables: Sequence[Table] = ()
    ) -> None:
        features = {number: copy(feature) for number, feature in features.items()}  # another fold may have them too
        self.features = tuple(features.values())
        self.named: Mapping[str, Any] = {feature.name: feature for feature in self.features}
        self.derived = derived
        self.tables = tables
        self._lifetime = lifetime
        self._positions = {number: 1 << place for place, number in enumerate(features)}
        self._acting = frozenset(number for number, feature in features.items() if feature.acting)
        signals = dict(SIGNALS) | {signal: OWN << i for i, signal in enumerate(_raised(self.features))}
        routes: defaultdict[type[Event], list[Callable[[Moment, Any], int]]] = defaultdict(list)
        checks: dict[type[Event], Callable[[Moment, Any], bool | None]] = {}
        for number, feature in features.items():
            feature.number, feature.place, feature.signals = number, number - 1, signals
            for kind in feature.listens:
                routes[kind].append(feature.takes(kind))
                if type(feature).is_duplicate is not Feature.is_duplicate:
                    checks[kind] = feature.is_duplicate
        self._routes: dict[type[Event], Route] = {
            kind: (checks.get(kind), tuple(folds)) for kind, folds in routes.items()
        }
        self._rules = {1 << place: (feature.number, feature.evaluate) for place, feature in enumerate(self.features)}
        self._visits = tuple(feature.visit for feature in self.features if feature.visits)
        self._reads = tuple(_bits(feature.reads, signals) for feature in self.features)
        self._heard = reduce(or_, self._reads, 0)
        self._forgets = tuple(f.forget for f in self.features if type(f).forget is not Feature.forget)
        self._ineligible = _positions(feature.ineligible for feature in self.features)
        told = [tag for feature in self.features for tag in feature.tags]
        _distinct("features", "name", [feature.name for feature in self.features])
        _distinct("tags", "key", [tag.key for tag in told if tag.key > 0 or not tag.family])
        self.tags: Mapping[int, str] = {tag.key: tag.name for tag in told if not tag.family}
        self.families = frozenset(tag.name.partition(":")[0] for tag in told if tag.family)
        self.counters = {name: about for feature in self.features for name, about in feature.counters.items()}
        self.levels = {name: about for feature in self.features for name, about in feature.levels.items()}
        self.hourly = {name: about for feature in self.features for name, about in feature.hourly.items()}
        topics = [topic for feature in self.features for topic in feature.outputs]
        _distinct("outputs", "topic", [topic.role for topic in (TAGS, *topics, LETTERS)])
        self.outputs: Mapping[str, OutputTopic] = {topic.role: topic for topic in (TAGS, *topics, LETTERS)}
        self.settings: Any = together(feature.settings for feature in self.features if feature.settings is not None)
        self._tabled = {tag.name: feature.tabled for feature in self.features if feature.tabled for tag in feature.tags}
        self.showing = [feature for feature in self.features if type(feature).shown is not Feature.shown]
        self.published = [feature for feature in self.features if type(feature).public is not Feature.public]
        self._readers: dict[int, int] = {}

    def context(self, settings: Any, *, vocabulary: Vocabulary | None = None) -> Context:
        """What all folds of one claim share, judging by the tables that are there before any other."""
        ctx = Context(settings, vocabulary)
        ctx.lists = {name: make() for feature in self.features for name, make in feature.lists.items()}
        for kind in self.tables:
            kind.resume(ctx, b"")
            kind.enforce(ctx, None)
        return ctx

    def event(
        self, ctx: Context, user: str, p: Profile | None, r: DecodedRecord, watermark: int
    ) -> tuple[Profile | None, Outcome]:
        """Fold one event.

        Parameters
        ----------
        p
            The shopper's profile; None for a shopper never seen. Changed in place.
        r
            The event, with its event time. Of a rejected one only an order is folded, as one of unknown value.
        watermark
            The shard's event time W (ms). The event is late where its own time is before it.

        Returns
        -------
        The profile (None: of an unknown shopper, and too old to matter), and "applied" or "duplicate".
        """
        e = r.e
        what: Any = r.event
        now, raised = e if e > watermark else watermark, 0
        if p is None:
            p = self._met(ctx, what, e, now)
            if p is None:
                return None, "applied"
            raised = CREATED
        elif p.flags & BOT and r.role == CLICKSTREAM:
            ctx.effects.counts["bot_skipped"] += 1
            return p, "applied"
        m = Moment(ctx, user, p, now, e, r, self, e - p.last)
        check, folds = self._routes.get(type(what), UNHEARD)
        if is_duplicate(m, r) if check is None or (known := check(m, what)) is None else known:
            return p, "duplicate"
        raised |= activity.seen(m, r) | (CONSENT if r.consent else 0)
        for fold in folds:
            raised |= fold(m, what)
        if raised & VISIT:
            for visit in self._visits:
                raised |= visit(m)
        if raised & self._heard or p.due <= now:
            m.raised = raised
            self._follow(m)
        return p, "applied"

    def _met(self, ctx: Context, event: Any, e: int, now: int) -> Profile | None:
        """The profile of a shopper never seen, before the event; None if the event is too old to matter."""
        ends = self._lifetime.begins(ctx, event, e)
        if ends <= now:
            ctx.effects.counts["too_old"] += 1
            return None
        ctx.effects.counts["shoppers"] += 1
        return Profile(e, e, due=ends, dues={LIFETIME: ends}, table=ctx.version)

    def _follow(self, m: Moment) -> None:
        """Let the rules say what follows from the signals, and from what was due already."""
        p, now = m.p, m.now
        waited = p.due <= now
        pending = self._reading(m.raised)
        if waited:
            if p.dues[LIFETIME] <= now:
                p.dues[LIFETIME] = self._lifetime.ends(m)
            pending |= self._due(p, now, acting=False)
        if p.events < 2 and not p.eligible:
            pending &= self._ineligible
        if pending:
            self._evaluate(m, pending)
        if pending or waited:
            p.due = min(p.dues.values())

    def timer(self, ctx: Context, user: str, p: Profile, now: int) -> Profile | None:
        """Fold a timer of the shopper, due at `now` (ms); one that had to wait as of `Context.floor`.

        Returns None if the shopper is forgotten. Raises RuntimeError if the next due would not be later.
        """
        m = Moment(ctx, user, p, now, now, None, self)
        if now < ctx.floor and self.acts(p, now) and ctx.floor < self._lifetime.ends(m):
            now = m.now = m.e = ctx.floor
        if p.dues[LIFETIME] <= now:
            p.dues[LIFETIME] = self._lifetime.ends(m)
            if p.dues[LIFETIME] <= now:
                self._forget(m)
                return None
        p.at(now)
        self._evaluate(m, self._due(p, now))
        p.due = min(p.dues.values())
        if p.due <= now:
            raise RuntimeError(f"timer of shopper due {now} left a due of {p.due}: a rule does not come to rest")
        return p

    def acts(self, p: Profile, now: int) -> bool:
        """Whether something is due at `now` (ms) that asks somebody to act."""
        return any(due <= now and number in self._acting for number, due in p.dues.items())

    def _reading(self, raised: int) -> int:
        """Positions of the rules that read any of these signals."""
        found = self._readers.get(raised)
        if found is None:
            found = self._readers[raised] = _positions(bool(reads & raised) for reads in self._reads)
        return found

    def _due(self, p: Profile, now: int, *, acting: bool = True) -> int:
        """Positions of the rules whose due has come. The lifetime's has not."""
        found = 0
        for number, due in p.dues.items():
            if due <= now and (acting or number not in self._acting):
                found |= self._positions[number]
        return found

    def _evaluate(self, m: Moment, pending: int) -> None:
        """Evaluate rules in the order of telling; what one raises makes those after it evaluated too."""
        dues, now, rules = m.p.dues, m.now, self._rules
        while pending:
            place = pending & -pending
            pending ^= place
            number, evaluate = rules[place]
            before, since = m.raised, dues.get(number, now)
            m.since = since = since if since < now else now
            due = evaluate(m)
            if due:
                dues[number] = due if due >= since else refused(m.ctx, due, since)
            elif number in dues:
                del dues[number]
            if m.raised != before:
                pending |= self._reading(m.raised & ~before) & -(place << 1)

    def _forget(self, m: Moment) -> None:
        p, ctx, now = m.p, m.ctx, m.now
        p.at(now)
        reason = f"expired: not seen for {(now - p.last) // DAY} d"
        for forget in self._forgets:
            forget(m, reason)
        held = {name(tag, ctx.vocabulary.names, self.tags): tag for tag in (p.tags or ())[::2]}
        for tag in sorted(held, key=str.encode):
            m.leave(held[tag], reason, ctx.tables[self._tabled[tag]].name if tag in self._tabled else None)
        ctx.effects.changed.add(m.user)
        ctx.effects.counts["shoppers"] -= 1
        ctx.effects.counts["shoppers_expired"] += 1


def refused(ctx: Context, due: int, since: int) -> int:
    """A rule answered with a due that has passed, which is a bug: counted, and due at `since` instead (ms)."""
    ctx.effects.counts["dues_refused"] += 1
    return since


def _distinct(things: str, by: str, given: Sequence[object]) -> None:
    """Raise ValueError where two have the same."""
    if twice := [each for each, count in Counter(given).items() if count > 1]:
        raise ValueError(f"two {things} have the same {by}: {twice}")


def _raised(features: Iterable[Feature]) -> list[str]:
    found = [signal for feature in features for signal in feature.raises]
    if len(set(found)) < len(found):
        raise ValueError(f"two features raise the same signal: {sorted(found)}")
    return found


def _bits(names: Iterable[str], signals: Mapping[str, int]) -> int:
    found = 0
    for signal in names:
        if signal not in signals:
            raise ValueError(f"no feature raises the signal {signal!r}: there are {', '.join(signals)}")
        found |= signals[signal]
    return found


def _positions(chosen: Iterable[bool]) -> int:
    return sum(1 << place for place, yes in enumerate(chosen) if yes)
