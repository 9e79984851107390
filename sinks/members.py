"""Who holds a tag, or is in a segment or stage: found by looking at every profile, since no list of them is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from models.features import SHOPPERS
from models.kernel.moment import slot
from models.kernel.settings import SharedSettings
from models.kernel.shopper import Profile
from models.kernel.tags import name
from models.lifecycle.stage import STAGES
from models.profile import codec
from models.rfm.segments import SEGMENTS
from sinks.read_model import summary
from sinks.store import ReadModel


class Member(NamedTuple):
    """Somebody who holds a tag: since when (event time, ms), and net spending so far (minor units; 0: never bought)."""

    user_id: str
    since: int
    value: int


def members(reader: ReadModel, tag: str, shard: int, settings: SharedSettings) -> Iterator[Member | None]:
    """Who holds a tag, of one shard, in no order: for each shopper there is one answer, None for who does not hold it.

    Parameters
    ----------
    reader
        Asked for all profiles of the shard; it may raise `sinks.store.StoreError`.
    tag
        By its name: ``segment:loyal``, ``interest:shoes``.
    settings
        By which spending is added up.
    """
    names = {number: known for known, number in reader.vocab(shard).items()}
    for user, packed in reader.profiles(shard):
        p = codec.decode(packed)
        since = _since(p, tag, names)
        yield None if since is None else Member(user, since, _value(p, settings))


def holding(reader: ReadModel, tag: str, shard: int, users: Sequence[str]) -> dict[str, int]:
    """Who of some shoppers of a shard holds a tag, and since when (event time, ms)."""
    found = reader.profiles_of({shard: users})[shard]
    names = {number: known for known, number in found.vocab.items()}
    held = {
        user: _since(codec.decode(packed), tag, names)
        for user, packed in zip(users, found.packed, strict=True)
        if packed is not None
    }
    return {user: since for user, since in held.items() if since is not None}


def is_tag(tag: str) -> bool:
    """Whether there is such a tag, by its name; of a family with a subject, whether there is such a family.

    >>> is_tag("stage:lapsed"), is_tag("interest:shoes"), is_tag("stage:laps"), is_tag("loyal")
    (True, True, False, False)
    """
    family, colon, rest = tag.partition(":")
    if family in _STATES:
        return rest != "" and rest in _STATES[family][1]
    return tag in SHOPPERS.tags.values() or bool(colon and rest and family in SHOPPERS.families)


def _since(p: Profile, tag: str, names: Mapping[int, str]) -> int | None:
    """Since when the tag is held; None if it is not."""
    family, _, rest = tag.partition(":")
    if family in _STATES:
        feature, known = _STATES[family]
        state: Any = slot(p, SHOPPERS.named[feature])
        number = getattr(state, feature, 0)
        return state.since if number and known[number] == rest else None
    pairs = zip((p.tags or [])[::2], (p.tags or [])[1::2], strict=True)
    return next((int(since) for key, since in pairs if name(key, names, SHOPPERS.tags) == tag), None)


_STATES = {"segment": ("segment", SEGMENTS), "stage": ("stage", STAGES)}
"""Families that are kept as states of their features, by the number of a name."""


def _value(p: Profile, settings: SharedSettings) -> int:
    history: Any = slot(p, SHOPPERS.named["orders"])
    return 0 if history is None else history.summary(settings.half_life, settings.fading).net


def known(reader: ReadModel) -> Counter[str]:
    """Every tag that somebody holds, segments and stages too, and how many hold it, by the shards' counters."""
    counted = summary(reader)
    held = Counter({f"segment:{segment}": n for segment, n in counted.segments.items()})
    held.update({f"stage:{stage}": n for stage, n in counted.stages.items()})
    return +(held + counted.tags)
