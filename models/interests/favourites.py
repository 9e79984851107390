"""`interest:<category>`: the categories a shopper looks at most, by decayed affinity; at most five.

Weights are base-2 logarithms in steps of 1/256 (see `models.interests.affinity`), so thresholds are whole numbers too:
an affinity of three is 406 steps above one, a quarter more is 82 steps more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from models.interests.affinity import LANDMARK, STEP
from models.kernel.tags import Key

HELD = 5
ENTER = 406
"""round(256 · log2(3)): affinity from which a category may enter. It leaves below an affinity of 1."""
MARGIN = 82
"""round(256 · log2(1.25)): by how much it must exceed the weakest of five to take its place."""


class Changes(NamedTuple):
    """Categories that leave, each with the reason, and that enter, each with its log weight."""

    exits: list[tuple[Key, str]]
    enters: list[tuple[Key, int]]


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


def steady(pairs: Sequence[Key], held: Sequence[Key], now: int, half_life: int) -> bool:
    """Whether `changes` has none, as far as that can be told without asking which interest is the stronger one.

    >>> [steady([1, 500, 2, weight], [1], LANDMARK, 1_000) for weight in (405, 406)]
    [True, False]
    """
    at, kept = one(now, half_life), 0
    for i in range(0, len(pairs), 2):
        weight = pairs[i + 1]
        assert isinstance(weight, int)
        if pairs[i] in held:
            kept += 1
            if weight < at:
                return False
        elif weight >= at + ENTER:
            return False
    return kept == len(held)


def changes(pairs: Sequence[Key], held: Sequence[Key], now: int, half_life: int, names: Sequence[str]) -> Changes:
    """What must change at `now` (ms) in the categories `held`, given all weights.

    Parameters
    ----------
    pairs
        Category, log weight, as a profile holds them.
    names
        Names of categories that are ids.
    """
    at, weights = one(now, half_life), _weights(pairs)
    kept = [c for c in held if weights.get(c, at - 1) >= at]
    exits: list[tuple[Key, str]] = []
    if len(kept) < len(held):
        gone = sorted((c for c in held if c not in kept), key=lambda c: _name(c, names))
        exits = [(c, "affinity below 1" if c in weights else "eight interests are stronger") for c in gone]
    enters: list[tuple[Key, int]] = []
    candidates = [c for c, w in weights.items() if w >= at + ENTER and c not in held]
    for candidate in sorted(candidates, key=lambda c: (-weights[c], _name(c, names))):
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
