"""How a held tag is stored: a small number for its name, or the name itself where there is no number left.

A profile holds pairs of such a key and the time (ms) since when; every time is far above every key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from models.kernel.vocabulary import BOUND
from models.kernel.zones import WEEKDAYS

Key = int | str

HOUR, WEEKDAY, INTEREST, DEVICE, CHANNEL = 64, 64 + 24, BOUND, 2 * BOUND, 3 * BOUND
"""Keys of families begin here: plus the hour; plus the day of the week; plus the subject's id in the shard's
vocabulary. Keys of tags without a subject are below."""

PREFIXES = {INTEREST: "interest:", DEVICE: "device:", CHANNEL: "channel:"}


def key(family: int, subject: Key) -> Key:
    """The key of a family's tag about a subject: an id of the vocabulary, or a name that has none.

    >>> key(INTEREST, 3), key(DEVICE, "fridge")
    (4099, 'device:fridge')
    """
    return PREFIXES[family] + subject if isinstance(subject, str) else family + subject


def subjects(tags: Sequence[Key] | None, family: int) -> list[Key]:
    """What the held tags of a family are about, in the order they were entered.

    >>> subjects([9, 9**15, INTEREST + 3, 9**15, "interest:x", 9**15], INTEREST)
    [3, 'x']
    """
    if not tags:
        return []
    end, prefix = _ends[family], PREFIXES.get(family)
    found: list[Key] = []
    for held in tags[::2]:
        if type(held) is int:
            if family <= held < end:
                found.append(held - family)
        elif prefix is not None and held.startswith(prefix):  # type: ignore[union-attr]
            found.append(held[len(prefix) :])  # type: ignore[index]
    return found


_ends = {HOUR: WEEKDAY, WEEKDAY: INTEREST, **{family: family + BOUND for family in PREFIXES}}


def first(tags: Sequence[Key] | None, family: int) -> Key | None:
    """What the first held tag of a family is about; None if none is held.

    >>> first([9, 9**15, DEVICE + 3, 9**15], DEVICE), first([9, 9**15], DEVICE)
    (3, None)
    """
    found = subjects(tags, family)
    return found[0] if found else None


def name(held: Key, vocabulary: Sequence[str] | Mapping[int, str], tags: Mapping[int, str]) -> str:
    """The name of a tag by its key; `vocabulary` gives names by their ids, `tags` those of tags without a subject.

    >>> name(2, [], {2: "value:high"}), name(HOUR + 9, [], {}), name(CHANNEL + 1, ["x", "email"], {})
    ('value:high', 'active_hour:09', 'channel:email')
    >>> name(WEEKDAY + 5, [], {}), name("interest:x", [], {})
    ('active_weekday:sat', 'interest:x')
    """
    if isinstance(held, str):
        return held
    if held < HOUR:
        return tags[held]
    if held < WEEKDAY:
        return f"active_hour:{held - HOUR:02}"
    if held < INTEREST:
        return f"active_weekday:{WEEKDAYS[held - WEEKDAY]}"
    family = held // BOUND * BOUND
    return PREFIXES[family] + vocabulary[held - family]
