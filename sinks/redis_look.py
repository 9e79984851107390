"""A look at all shards in three trips at most: who moved, what those hold, and their timers.

Reads by GET, HGET, HGETALL, XRANGE, ZCARD and ZCOUNT alone: a replica will do, and a user who may only read.
The number of a shard's last batch is asked before the rest, so what is read is of that batch or a later one; then the
next look reads the shard again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sinks.keys import ShardKeys, endpoints_key, partitions_key, shard_keys, workers_key
from sinks.look import FEED_LENGTH, NOTHING, FeedPart, Known, Look, ShardLook, onward, part
from sinks.redis_pipeline import Command, replies
from sinks.shard_state import ShardState
from sinks.store import Profiles, StoreError

if TYPE_CHECKING:
    from redis import Redis

Reported = Mapping[str, bytes]
"""Reports, as JSON, by name."""


def look(client: Redis, namespace: str, known: Mapping[int, Known]) -> Look:
    """See `sinks.store.ReadModel.look`."""
    partitions, seqs, *reports = _heads(client, namespace, len(known))
    if partitions != len(known):
        partitions, seqs, *reports = _heads(client, namespace, partitions)
        known = {}
    before = [known.get(partition, NOTHING) for partition in range(len(seqs))]
    moved = [partition for partition, seq in enumerate(seqs) if seq != before[partition].seq]
    keys = [shard_keys(namespace, partition) for partition in moved]
    positions = [onward(before[partition], seqs[partition]) for partition in moved]
    asked = [command for at, names in zip(positions, keys, strict=True) for command in _contents(names, at)]
    found = _ask(client, asked)
    states, stats, feeds = found[::3], found[1::3], found[2::3]
    marks = [ShardState.decode(state or b"").watermark for state in states]
    counts = _ask(client, [c for at, names in zip(marks, keys, strict=True) for c in _timers(names, at)])
    shards = [
        ShardLook(partition, seqs[partition], state or b"", counters, timers, due, _part(entries, at))
        for partition, state, counters, entries, at, timers, due in zip(
            moved, states, stats, feeds, positions, counts[::2], counts[1::2], strict=True
        )
    ]
    return Look(partitions, shards, *reports)


def feeds(client: Redis, namespace: str, positions: Mapping[int, str]) -> dict[int, FeedPart]:
    """See `sinks.store.ReadModel.feeds`."""
    commands = [_feed(shard_keys(namespace, partition), at) for partition, at in positions.items()]
    found = zip(positions.items(), _ask(client, commands), strict=True)
    return {partition: _part(entries, at) for (partition, at), entries in found}


def profiles(client: Redis, namespace: str, wanted: Mapping[int, Sequence[str]]) -> dict[int, Profiles]:
    """See `sinks.store.ReadModel.profiles_of`."""
    commands = []
    for partition, users in wanted.items():
        keys = shard_keys(namespace, partition)
        commands.append(Command(keys.own, ["MGET", *[keys.profile + user for user in users]]))
        commands.append(_command("HGETALL", keys.vocab))
    found = _ask(client, commands)
    vocabs = [{name.decode(): int(number) for name, number in vocab.items()} for vocab in found[1::2]]
    return {
        partition: Profiles(*pair) for partition, pair in zip(wanted, zip(found[::2], vocabs, strict=True), strict=True)
    }


def _heads(client: Redis, namespace: str, shards: int) -> tuple[int, list[int], Reported, Reported]:
    """Number of shards, the last batch of so many shards, and reports of workers and of endpoints."""
    told = [_command("HGETALL", key) for key in (workers_key(namespace), endpoints_key(namespace))]
    own = [_command("HGET", shard_keys(namespace, partition).own, "seq") for partition in range(shards)]
    partitions, workers, endpoints, *seqs = _ask(client, [_command("GET", partitions_key(namespace)), *told, *own])
    return int(partitions or 0), [int(seq or 0) for seq in seqs], _named(workers), _named(endpoints)


def _named(fields: Mapping[bytes, bytes]) -> Reported:
    return {name.decode(): report for name, report in fields.items()}


def _contents(keys: ShardKeys, position: str) -> list[Command]:
    return [_command("GET", keys.shard), _command("HGETALL", keys.stats), _feed(keys, position)]


def _feed(keys: ShardKeys, position: str) -> Command:
    """The feed from a position on, that one included where it is still kept."""
    return _command("XRANGE", keys.feed, position, "+", "COUNT", FEED_LENGTH + 1)


def _part(entries: Sequence[Any], position: str) -> FeedPart:
    return part([(ident.decode(), fields[b"v"]) for ident, fields in entries], position)


def _timers(keys: ShardKeys, watermark: int) -> list[Command]:
    return [_command("ZCARD", keys.timers), _command("ZCOUNT", keys.timers, "-inf", f"({watermark}")]


def _command(name: str, key: str, *rest: str | int) -> Command:
    return Command(key, [name, key, *rest])


def _ask(client: Redis, commands: Sequence[Command]) -> list[Any]:
    """Replies in the order of the commands; the first StoreError among them is raised."""
    found = replies(client, commands) if commands else []
    for reply in found:
        if isinstance(reply, StoreError):
            raise reply
    return found
