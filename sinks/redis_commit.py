"""A commit as the keys and arguments of ``lua/apply.lua`` (which says what stands where)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sinks.commits import bounded_feed, digest
from sinks.keys import ShardKeys, former_keys, frozen_key
from sinks.look import FEED_LENGTH
from sinks.store import Commit


def packed(keys: ShardKeys, token: str, seq: int, commit: Commit) -> tuple[list[str], list[Any]]:
    """KEYS and ARGV. Values stay what they are: the client's C code writes str, bytes and int into the request, and
    an int never passes through Lua's doubles, so that it arrives exactly."""
    values = {keys.profile + user: value for user, value in commit.profiles.items()}
    values |= {frozen_key(keys, *name): value for name, value in commit.frozen.items()}
    kept = {key: value for key, value in values.items() if value is not None}
    publics = {user: fields for user, fields in commit.public.items() if fields}
    gone = [key for key, value in values.items() if value is None]
    gone += [key for name, value in commit.frozen.items() if value is None for key in former_keys(keys, *name)]
    gone += [keys.public + user for user, fields in commit.public.items() if not fields]
    names = [*keys.fixed, *kept, *gone, *[keys.public + user for user in publics]]
    sections, counts = _sections(commit)
    first, feed = bounded_feed(commit)
    head = [token, seq, digest(commit), commit.shard, commit.outbox, len(kept), len(gone), len(publics)]
    head += [*counts, len(feed), first, FEED_LENGTH]
    return names, [*head, *kept.values(), *_hashes(publics.values()), *sections, *feed]


def _hashes(publics: Iterable[Mapping[str, str | int]]) -> list[Any]:
    """Each hash as the number of its values, then field, value, field, value..."""
    values: list[Any] = []
    for fields in publics:
        values.append(2 * len(fields))
        values += _flat(fields)
    return values


def _sections(commit: Commit) -> tuple[list[Any], list[int]]:
    """Offsets, timers, removed timers, vocabulary, counters, removed counters, sketches in one list, and how many
    values each takes."""
    timers = [x for user, due in commit.timers.items() if due is not None for x in (due, user)]
    removed = [user for user, due in commit.timers.items() if due is None]
    stats = [x for name, value in commit.stats.items() if value is not None for x in (name, value)]
    gone = [name for name, value in commit.stats.items() if value is None]
    parts = [_flat(commit.offsets), timers, removed, _flat(commit.vocab), stats, gone, _flat(commit.sketches)]
    return [value for part in parts for value in part], [len(part) for part in parts]


def _flat(mapping: Mapping[str, Any]) -> list[Any]:
    return [x for pair in mapping.items() for x in pair]
