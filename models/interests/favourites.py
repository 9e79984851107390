"""`interest:<category>`: the categories a shopper looks at most, by decayed affinity; at most five.

Weights are base-2 logarithms in steps of 1/256 (see `models.interests.affinity`), so thresholds are whole numbers too:
an affinity of three is 406 steps above one, a quarter more is 82 steps more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

from msgspec import Struct, field

from models.interests.affinity import STEP, strengthen
from models.kernel.events import Added, Browsed, Reviewed
from models.kernel.feature import Feature, Tag, View
from models.kernel.moment import Moment
from models.kernel.settings import DAY, LANDMARK, Setting
from models.kernel.tags import INTEREST, Key, key, subjects

HELD = 5
ENTER = 406
"""round(256 · log2(3)): affinity from which a category may enter. It leaves below an affinity of 1."""
MARGIN = 82
"""round(256 · log2(1.25)): by how much it must exceed the weakest of five to take its place."""


class Changes(NamedTuple):
    """Categories that leave, each with the reason, and that enter, each with its log weight."""

    exits: list[tuple[Key, str]]
    enters: list[tuple[Key, int]]


NO_CHANGES = Changes([], [])


def one(now: int, half_life: int) -> int:
    """The smallest log weight of an affinity of at least one at `now` (ms)."""
    return -((LANDMARK - now) * STEP // half_life)


def due(weight: int, half_life: int) -> int:
    """The first ms at which an affinity of this log weight is below one.

    >>> (due(256, 1_000) - LANDMARK), (due(-1, 1_000) - LANDMARK)
    (1001, -3)
    >>> [one(due(256, 1_000) + ms, 1_000) for ms in (-1, 0)]
    [256, 257]
    """
    return LANDMARK + weight * half_life // STEP + 1


def first_due(pairs: Sequence[Key], held: Sequence[Key], half_life: int) -> int:
    """When the first of the categories held leaves by itself (ms); 0 if none is held."""
    if not held:
        return 0
    weights = _weights(pairs)
    return due(min([weights[c] for c in held]), half_life)


def changes(pairs: Sequence[Key], held: Sequence[Key], now: int, half_life: int, names: Sequence[str]) -> Changes:
    """What must change at `now` (ms) in the categories `held`, given all weights.

    Parameters
    ----------
    pairs
        Category, log weight, as a profile holds them.
    names
        Names of categories that are ids.
    """
    at = one(now, half_life)
    if not held and max(pairs[1::2]) < at + ENTER:  # type: ignore[operator]
        return NO_CHANGES
    weights = _weights(pairs)
    kept = [c for c in held if weights.get(c, at - 1) >= at]
    candidates = [c for c, w in weights.items() if w >= at + ENTER and c not in held]
    exits: list[tuple[Key, str]] = []
    enters: list[tuple[Key, int]] = []
    if len(kept) < len(held):
        gone = sorted((c for c in held if c not in kept), key=lambda c: _name(c, names))
        exits = [(c, "affinity below 1" if c in weights else "eight interests are stronger") for c in gone]
    if len(candidates) > 1:
        candidates.sort(key=lambda c: (-weights[c], _name(c, names)))
    for candidate in candidates:
        if len(kept) == HELD:
            least = min(weights[c] for c in kept)
            if weights[candidate] <= least + MARGIN:
                break
            weakest = max((c for c in kept if weights[c] == least), key=lambda c: _name(c, names))
            kept.remove(weakest)
            exits.append((weakest, "five interests are stronger"))
        kept.append(candidate)
        enters.append((candidate, weights[candidate]))
    return Changes(exits, enters)


def affinity(weight: int, now: int, half_life: int) -> float:
    """Decayed affinity of a log weight at `now` (ms)."""
    return float(2.0 ** (weight / STEP - (now - LANDMARK) / half_life))


def _weights(pairs: Sequence[Key]) -> dict[Key, int]:
    one_by_one = iter(pairs)
    return dict(zip(one_by_one, one_by_one, strict=False))  # type: ignore[arg-type]


def _name(category: Key, names: Sequence[str]) -> bytes:
    return (names[category] if isinstance(category, int) else category).encode()


STRONG = 3
"""Weight of an addition to the cart, and of a review."""


class State(Struct, array_like=True, gc=False):
    """Pairs category, log weight (`models.interests.affinity`). A category is an id of the vocabulary, or its name."""

    weights: list[int | str] = field(default_factory=list)


class InterestSettings(Struct, frozen=True):
    """How fast interest fades."""

    interest_half_life: Annotated[int, Setting("period", "half-life of interest in a category")] = 14 * DAY


class Interests(Feature):
    """A fact, decayed affinity by category, and the rule about it."""

    name = "interests"
    keeps = State
    listens = (Browsed, Added, Reviewed)
    raises = ("interests",)
    reads = ("eligible", "interests")
    settings = InterestSettings
    tags = (
        Tag(
            INTEREST,
            "interest:<category>",
            "affinity 3 or more, at most five at a time; a sixth must be stronger than the weakest by a quarter, and "
            "takes its place",
            "affinity below 1; a stronger one took its place; eight others are stronger",
        ),
    )

    def fold(self, m: Moment, event: Browsed | Added | Reviewed) -> int:
        """Strengthen an interest. Silent where none can enter or leave by it: one held that grows changes nothing."""
        if not event.category:
            return 0
        weight = event.weight if type(event) is Browsed else STRONG
        if not weight:
            return 0
        state = m.ensure(self)
        category, half_life = m.ctx.vocabulary.id(event.category), m.ctx.settings.interest_half_life
        log_weight, left = strengthen(state.weights, category, weight, m.e, half_life)
        tags = m.p.tags
        if tags is not None:
            if left is not None and key(INTEREST, left) in tags:
                return self.signals["interests"]
            if key(INTEREST, category) in tags:
                return 0
        if log_weight is None or log_weight < (m.now - LANDMARK) * STEP // half_life + ENTER:
            return 0
        return self.signals["interests"]

    def evaluate(self, m: Moment) -> int:
        """Let categories leave and enter. The due is when the weakest held leaves by itself."""
        state = m.own(self)
        if state is None or not state.weights:
            return 0
        now, half_life = m.p.evaluated_at, m.ctx.settings.interest_half_life
        held = subjects(m.p.tags, INTEREST)
        change = changes(state.weights, held, now, half_life, m.ctx.vocabulary.names)
        if change is NO_CHANGES:
            return 0
        for category, why in change.exits:
            m.leave(key(INTEREST, category), why)
        for category, weight in change.enters:
            m.enter(key(INTEREST, category), f"affinity {affinity(weight, now, half_life):.1f}")
        return first_due(state.weights, subjects(m.p.tags, INTEREST), half_life)

    def describe(self, state: State | None, view: View) -> dict[str, Any]:
        """Decayed affinity by category, as of the newest event."""
        at = (view.last - LANDMARK) * STEP / view.settings.interest_half_life
        pairs = iter(state.weights if state else ())
        weights = {view.name(category): 2.0 ** ((int(w) - at) / STEP) for category, w in zip(pairs, pairs, strict=True)}
        return {"interest": {name: round(weight, 6) for name, weight in sorted(weights.items())}}
