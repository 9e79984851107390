"""Seeded mutations of good messages, as records of a log: where each stands, its key, its bytes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from random import Random
from typing import NamedTuple

from models.kernel.events import ROLES
from models.kernel.partition import partitioner
from tests.fuzz import spoil_bytes, spoil_json
from tests.fuzz.seeds import Seed, seeds

PARTITIONS = 3


class Mutant(NamedTuple):
    """A record to be. `at` is its Kafka timestamp (ms), `sound` says that it is a good message as it was, `home` that
    it is in the partition of its shopper."""

    at: int
    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    sound: bool
    home: bool


@cache
def _seeds() -> list[Seed]:
    return seeds()


place = partitioner("murmur2")


def mutants(seed: int, count: int) -> Iterator[Mutant]:
    """So many of them, more or less in order of time; the same for the same seed."""
    rng, good, now = Random(seed), _seeds(), 0
    for number in range(count):
        near = rng.gauss(number / count * len(good), 60)
        origin = good[min(max(int(near), 0), len(good) - 1)]
        now = max(now, origin.at)
        value = _value(rng, origin, good)
        key = origin.shopper.encode()
        right = place(key, PARTITIONS)
        home = rng.random() < 0.95
        topic = origin.topic if rng.random() < 0.9 else rng.choice(ROLES)
        partition = right if home else (right + rng.randint(1, PARTITIONS - 1)) % PARTITIONS
        yield Mutant(now, topic, partition, _key(rng, key), value, value == origin.value, home)


def _value(rng: Random, origin: Seed, good: list[Seed]) -> bytes | None:
    dice = rng.random()
    if dice < 0.05:
        return origin.value
    if dice < 0.06:
        return rng.choice((None, b"", b"null", b"{}", b"[]", b'"x"', b"[" * spoil_json.length(rng)))
    if dice < 0.07:
        return rng.randbytes(spoil_json.length(rng))
    if dice < 0.33:
        return spoil_bytes.spoil(rng, origin.value, rng.choice(good).value)
    value = spoil_json.spoil(rng, origin.call)
    return value if dice < 0.95 else spoil_bytes.spoil(rng, value, rng.choice(good).value)


def _key(rng: Random, key: bytes) -> bytes | None:
    """Mostly the shopper's; keys are the producer's affair, so anything else must do no harm either."""
    return key if rng.random() < 0.9 else rng.choice((None, b"", b"\xff\x00", b"k" * 5_000, key + b"x"))
