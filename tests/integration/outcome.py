"""What a run came to, as values that can be compared: the state of its shards, and its outputs in their order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from models.features import ShopSettings
from models.kernel.outputs import DEAD_LETTERS
from models.profile import codec
from models.profile.describe import describe
from models.rfm.cuts import NAME, Cuts
from sinks.shard_state import ShardState
from sinks.store import ReadModel
from tests.integration.published import Published

SHOWN = 5
"""Differences of one kind that are told one by one."""

Content = Mapping[str, Mapping[Any, Any]]
"""One shard: kind of thing -> its name -> its value."""

Identity = tuple[str, str]
"""An output: role of its topic, id."""


class Outcome(NamedTuple):
    """What a run came to. `outputs` has each output once, in the order they came first; `repeats` counts the others."""

    shards: Sequence[Content]
    outputs: Mapping[Identity, Any]
    repeats: int


def outcome(reader: ReadModel, shop: ShopSettings, published: Iterable[Published]) -> Outcome:
    """Gather everything. AssertionError if a repeat is not identical to its first."""
    return gathered([content(reader, partition, shop) for partition in range(reader.partitions())], published)


def gathered(shards: Sequence[Content], published: Iterable[Published]) -> Outcome:
    """The same, where the shards were read already."""
    return Outcome(shards, *distinct(published))


def content(reader: ReadModel, partition: int, shop: ShopSettings) -> Content:
    """Everything a shard has stored that must not depend on batches. (Numbers of batches do, and so does the feed,
    which is numbered by them and keeps a bounded part of each.)"""
    state = ShardState.decode(reader.shard(partition))
    packed, vocabulary = dict(reader.profiles(partition)), dict(reader.vocab(partition))
    profiles = {user: describe(codec.decode(data), vocabulary, shop) for user, data in packed.items()}
    acted = [user for user, profile in profiles.items() if profile["acted"]]  # only they have a hash
    return {
        "profile": profiles,
        "packed profile": packed,
        "public hash": {user: dict(fields) for user in acted if (fields := reader.public(partition, user))},
        "vocabulary": vocabulary,
        "timer": dict(reader.timers(partition)),
        "counter": {name: value for name, value in reader.stats(partition).items() if value != "0"},
        "offset": dict(reader.offsets(partition)),
        "promise": state.promises,
        "pin": state.pins,
        "table": tables(reader) if partition == 0 else {},
    }


def tables(reader: ReadModel) -> Mapping[int, bytes]:
    """Those that count somebody. (How many there are before the first buyer depends on when the shards began.)"""
    return {version: table for version, table in reader.tables(NAME).items() if Cuts.decode(table).buyers}


def distinct(published: Iterable[Published]) -> tuple[dict[Identity, Any], int]:
    """Every output once, and how many repeats there were."""
    first: dict[Identity, Any] = {}
    repeats = 0
    for record in published:
        identity, said = _said(record)
        known = first.setdefault(identity, said)
        assert known == said, f"two different messages with one id: {known}, {said}"
        repeats += known is not said
    return first, repeats


def _said(record: Published) -> tuple[Identity, Any]:
    """Dead letters tell where their record lay; that is no part of what they say. Their ids count within a shard."""
    content: Any = msgspec.json.decode(record.value)
    if record.role != DEAD_LETTERS:
        return (record.role, content["id"]), (record.partition, record.key, record.value)
    del content["partition"], content["offset"]
    return (record.role, f"{record.partition}: {content['id']}"), (record.partition, record.key, content)


def differences(ours: Outcome, theirs: Outcome) -> list[str]:
    """What differs, in words; nothing if the two are equal."""
    found = [f"{len(ours.shards)} shards, {len(theirs.shards)} shards"] * (len(ours.shards) != len(theirs.shards))
    for partition, (mine, other) in enumerate(zip(ours.shards, theirs.shards, strict=False)):
        for kind in mine.keys() | other.keys():
            found += _unequal(f"shard {partition}: {kind}", mine.get(kind, {}), other.get(kind, {}))
    found += _unequal("output", ours.outputs, theirs.outputs)
    return found or list(_order(ours, theirs))


def _unequal(what: str, ours: Mapping[Any, Any], theirs: Mapping[Any, Any]) -> list[str]:
    missing, extra = theirs.keys() - ours.keys(), ours.keys() - theirs.keys()
    other = [name for name in ours.keys() & theirs.keys() if ours[name] != theirs[name]]
    told = [f"{what} missing: {_some(missing)}"] * bool(missing) + [f"{what} extra: {_some(extra)}"] * bool(extra)
    return told + [f"{what} {name!r}: {ours[name]!r} instead of {theirs[name]!r}" for name in other[:SHOWN]]


def _some(names: Iterable[Any]) -> str:
    names = list(names)
    return f"{len(names)}, such as {', '.join(map(repr, islice(sorted(names, key=repr), SHOWN)))}"


def _order(ours: Outcome, theirs: Outcome) -> Iterator[str]:
    """Outputs of a topic's partition come in one order, whatever was repeated."""
    mine, other = _lanes(ours), _lanes(theirs)
    for lane in sorted(mine):
        if mine[lane] != other[lane]:
            yield f"outputs of {lane} come in another order"


def _lanes(run: Outcome) -> Mapping[tuple[str, int], list[str]]:
    lanes: dict[tuple[str, int], list[str]] = defaultdict(list)
    for (role, identity), (partition, *_) in run.outputs.items():
        lanes[role, partition].append(identity)
    return lanes
