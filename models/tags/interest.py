"""`interest:<category>`: the categories a shopper looks at most, by decayed affinity; at most five.

Weights are base-2 logarithms in steps of 1/256 (see `models.interest`), so thresholds are whole numbers too: an
affinity of three is 406 steps above one, a quarter more is 82 steps more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from models.interest import LANDMARK, STEP
from models.tags.names import Key

HELD = 5
ENTER = 406
"""round(256 · log2(3)): affinity from which a category may enter. It leaves below an affinity of 1."""
MARGIN = 82
"""round(256 · log2(1.25)): by how much it must exceed the weakest of five to take its place."""


class Changes(NamedTuple):
    """Categories that leave, each with the reason, and that enter."""

    exits: list[tuple[Key, str]]
    enters: list[Key]


def strong(weight: int, now: int, half_life: int) -> bool:
    """Whether an affinity of this log weight is at least three at `now` (ms)."""
    return (weight - ENTER) * half_life >= (now - LANDMARK) * STEP


def due(weight: int, half_life: int) -> int:
    """The first ms at which an affinity of this log weight is below one.

    >>> (due(256, 1_000) - LANDMARK), (due(-1, 1_000) - LANDMARK)
    (1001, -3)
    """
    return LANDMARK + weight * half_life // STEP + 1


def dues(pairs: Sequence[Key], held: Sequence[Key], half_life: int) -> int:
    """When the first of the categories held leaves by itself (ms); 0 if none is held."""
    return min((due(w, half_life) for w in _weights(pairs, held).values()), default=0)


def changes(pairs: Sequence[Key], held: Sequence[Key], now: int, half_life: int, names: Sequence[str]) -> Changes:
    """What must change at `now` (ms) in the categories `held`, given all weights.

    Parameters
    ----------
    pairs
        Category, log weight, as a profile holds them.
    names
        Names of categories that are ids.
    """
    weights = _weights(pairs, pairs[::2])
    exits = [(c, why) for c in held if (why := _ends(weights.get(c), now, half_life))]
    exits.sort(key=lambda gone: _name(gone[0], names))
    gone = {c for c, _ in exits}
    kept = [c for c in held if c not in gone]
    enters: list[Key] = []
    candidates = [c for c, w in weights.items() if c not in held and strong(w, now, half_life)]
    for candidate in sorted(candidates, key=lambda c: (-weights[c], _name(c, names))):
        if len(kept) == HELD:
            least = min(weights[c] for c in kept)
            if weights[candidate] <= least + MARGIN:
                break
            weakest = max((c for c in kept if weights[c] == least), key=lambda c: _name(c, names))
            kept.remove(weakest)
            exits.append((weakest, "five interests are stronger"))
        kept.append(candidate)
        enters.append(candidate)
    return Changes(exits, enters)


def affinity(pairs: Sequence[Key], category: Key, now: int, half_life: int) -> float:
    """Decayed affinity of a category at `now` (ms)."""
    weight = _weights(pairs, (category,))[category]
    return float(2.0 ** (weight / STEP - (now - LANDMARK) / half_life))


def _ends(weight: int | None, now: int, half_life: int) -> str:
    if weight is None:
        return "eight interests are stronger"
    return "affinity below 1" if weight * half_life < (now - LANDMARK) * STEP else ""


def _weights(pairs: Sequence[Key], wanted: Sequence[Key]) -> dict[Key, int]:
    return {c: w for c, w in zip(pairs[::2], pairs[1::2], strict=True) if isinstance(w, int) and c in wanted}


def _name(category: Key, names: Sequence[str]) -> bytes:
    return (names[category] if isinstance(category, int) else category).encode()
