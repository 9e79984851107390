"""Where a key belongs: the partitioners of Kafka's clients.

A record whose key leads elsewhere would meet another shopper's shard; `misrouted` records are found by these.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from struct import unpack_from
from typing import Literal
from zlib import crc32

MASK = 0xFFFFFFFF
SEED = 0x9747B28C
MULTIPLIER = 0x5BD1E995
FNV_OFFSET, FNV_PRIME = 0x811C9DC5, 0x01000193

Partitioner = Literal["murmur2", "crc32", "fnv1a"]
"""The setting `partitioner`."""

REMEMBERED = 1 << 15
"""Keys whose partition is kept: 32,768 of them cost about 5 MB and turn a microsecond into a tenth."""


def murmur2(key: bytes) -> int:
    """MurmurHash2 as an unsigned 32-bit number, with the seed of Java's `Utils.murmur2`.

    Source: Austin Appleby's MurmurHash2; `org.apache.kafka.common.utils.Utils`.

    >>> murmur2(b"foobar") == -790332482 & 0xFFFFFFFF
    True
    """
    size = len(key)
    h = SEED ^ size
    for word in unpack_from(f"<{size >> 2}I", key):
        k = word * MULTIPLIER & MASK
        h = (h * MULTIPLIER & MASK) ^ ((k ^ k >> 24) * MULTIPLIER & MASK)
    if size & 3:
        h = (h ^ int.from_bytes(key[size & ~3 :], "little")) * MULTIPLIER & MASK
    h = (h ^ h >> 13) * MULTIPLIER & MASK
    return h ^ h >> 15


def java_partition(key: bytes, partitions: int) -> int:
    """`toPositive(murmur2(key)) % partitions`: Java's default partitioner, kafka-python's and aiokafka's."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def librdkafka_partition(key: bytes, partitions: int) -> int:
    """`crc32(key) % partitions`: librdkafka's `consistent`; its default `consistent_random` where there is a key."""
    return crc32(key) % partitions


def fnv1a(key: bytes) -> int:
    """FNV-1a, 32 bits.

    Source: Fowler, Noll and Vo; `hash/fnv` of Go.

    >>> hex(fnv1a(b"")), hex(fnv1a(b"foobar"))
    ('0x811c9dc5', '0xbf9cf968')
    """
    h = FNV_OFFSET
    for byte in key:
        h = (h ^ byte) * FNV_PRIME & MASK
    return h


def reference_partition(key: bytes, partitions: int) -> int:
    """`(fnv1a(key) & 0x7fffffff) % partitions`: `ReferenceHash` of kafka-go (RudderStack's client), and Sarama's
    `NewReferenceHashPartitioner`."""
    return (fnv1a(key) & 0x7FFFFFFF) % partitions


PARTITIONERS: dict[str, Callable[[bytes, int], int]] = {
    "murmur2": java_partition,
    "crc32": librdkafka_partition,
    "fnv1a": reference_partition,
}
"""Those that are known, by the names of the setting."""


def partitioner(name: Partitioner) -> Callable[[bytes, int], int]:
    """The partitioner a shop's producers use.

    Parameters
    ----------
    name
        "murmur2" (Java, kafka-python, aiokafka, KafkaJS), "crc32" (librdkafka and all that stand on it) or "fnv1a"
        (RudderStack).

    Returns
    -------
    (key, number of partitions) -> partition, which remembers the keys it saw last.

    Raises
    ------
    ValueError
        There is no partitioner of that name.

    Examples
    --------
    >>> partitioner("murmur2")(b"u42", 8), partitioner("crc32")(b"u42", 8), partitioner("fnv1a")(b"u42", 8)
    (7, 6, 2)
    """
    if name not in PARTITIONERS:
        raise ValueError(f"partitioner is {', '.join(PARTITIONERS)}, not {name!r}")
    return lru_cache(maxsize=REMEMBERED)(PARTITIONERS[name])
