"""How a held tag is stored: a small number for its name, or the name itself where there is no number left.

A profile holds pairs of such a key and the time (ms) since when; every time is far above every key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from models.kernel.vocabulary import BOUND

Key = int | str

FIXED = (
    "value:low",
    "value:medium",
    "value:high",
    "second_order_due",
    "unusual_order",
    "discount_driven",
    "refund_prone",
    "cart_abandoner",
    "hesitating",
    "bot",
)
"""Tags without a subject; their keys are the indexes. Append only."""

LOW, MEDIUM, HIGH, SECOND_ORDER, UNUSUAL, DISCOUNT, REFUND, ABANDONER, HESITATING, BOT = range(len(FIXED))

HOUR, INTEREST, DEVICE, CHANNEL = 64, BOUND, 2 * BOUND, 3 * BOUND
"""Keys of families begin here: plus the hour; plus the subject's id in the shard's vocabulary."""

PREFIXES = {INTEREST: "interest:", DEVICE: "device:", CHANNEL: "channel:"}

FAMILIES = frozenset({"active_hour", *(prefix[:-1] for prefix in PREFIXES.values())})
"""What stands before the colon in names of tags with a subject."""

NONE: Sequence[Key] = ()


def key(family: int, subject: Key) -> Key:
    """The key of a family's tag about a subject: an id of the vocabulary, or a name that has none.

    >>> key(INTEREST, 3), key(DEVICE, "fridge")
    (4099, 'device:fridge')
    """
    return family + subject if isinstance(subject, int) else PREFIXES[family] + subject


def subjects(tags: Sequence[Key] | None, family: int) -> list[Key]:
    """What the held tags of a family are about, in the order they were entered.

    >>> subjects([BOT, 9**15, INTEREST + 3, 9**15, "interest:x", 9**15], INTEREST)
    [3, 'x']
    """
    if not tags:
        return []
    end, prefix = INTEREST if family == HOUR else family + BOUND, PREFIXES.get(family, "")
    found: list[Key] = []
    for held in tags[::2]:
        if isinstance(held, int):
            if family <= held < end:
                found.append(held - family)
        elif prefix and held.startswith(prefix):
            found.append(held[len(prefix) :])
    return found


def first(tags: Sequence[Key] | None, family: int) -> Key | None:
    """What the first held tag of a family is about; None if none is held.

    >>> first([BOT, 9**15, DEVICE + 3, 9**15], DEVICE), first([BOT, 9**15], DEVICE)
    (3, None)
    """
    return next(iter(subjects(tags, family)), None) if tags else None


def name(held: Key, vocabulary: Sequence[str] | Mapping[int, str]) -> str:
    """The name of a tag by its key; `vocabulary` gives names by their ids.

    >>> name(HIGH, []), name(HOUR + 9, []), name(CHANNEL + 1, ["x", "email"]), name("interest:x", [])
    ('value:high', 'active_hour:09', 'channel:email', 'interest:x')
    """
    if isinstance(held, str):
        return held
    if held < HOUR:
        return FIXED[held]
    if held < INTEREST:
        return f"active_hour:{held - HOUR:02}"
    family = held // BOUND * BOUND
    return PREFIXES[family] + vocabulary[held - family]
