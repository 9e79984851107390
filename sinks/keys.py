"""Names of the keys in Redis. All keys of one shard carry one hash tag, so that one script may touch them together,
on a cluster too. What each holds: docs/redis-keys.md.
"""

from __future__ import annotations

import re
from typing import NamedTuple

NAMESPACE = re.compile(r"[A-Za-z0-9._-]+")


class ShardKeys(NamedTuple):
    """The keys of one shard. `profile` and `public` are prefixes: the shopper's id follows."""

    own: str
    offsets: str
    shard: str
    outbox: str
    timers: str
    vocab: str
    stats: str
    feed: str
    sketches: str
    profile: str
    public: str

    @property
    def fixed(self) -> tuple[str, ...]:
        """The keys that are there once a shard, in the order the scripts expect."""
        return self[:9]


def check_namespace(namespace: str) -> str:
    """Return the namespace, or raise ValueError: braces would break the hash tag, wildcards a scan.

    >>> check_namespace("shop-1")
    'shop-1'
    """
    if not NAMESPACE.fullmatch(namespace):
        raise ValueError(f"namespace {namespace!r}: letters, digits, '.', '_' and '-' only")
    return namespace


def shard_keys(namespace: str, partition: int) -> ShardKeys:
    """Keys of a partition.

    >>> shard_keys("kairos", 3).profile + "u42"
    '{kairos:3}:u:u42'
    """
    tag = f"{{{check_namespace(namespace)}:{partition}}}:"
    return ShardKeys(
        own=tag + "own",
        offsets=tag + "off",
        shard=tag + "shard",
        outbox=tag + "outbox",
        timers=tag + "timers",
        vocab=tag + "vocab",
        stats=tag + "stats",
        feed=tag + "feed",
        sketches=tag + "sketch",
        profile=tag + "u:",
        public=tag + "user:",
    )


def frozen_key(keys: ShardKeys, table: str, version: int) -> str:
    """A shard's sketch as frozen for a version of a table.

    >>> frozen_key(shard_keys("kairos", 3), "cuts", 20161001)
    '{kairos:3}:sketch:cuts:20161001'
    """
    return f"{keys.sketches}:{table}:{version}"


def former_keys(keys: ShardKeys, table: str, version: int) -> list[str]:
    """Where a frozen sketch was when there was one kind of table: read and deleted, no longer written.

    >>> former_keys(shard_keys("kairos", 3), "cuts", 20161001)
    ['{kairos:3}:sketch:20161001']
    """
    return [f"{keys.sketches}:{version}"] if table == "cuts" else []


def table_key(namespace: str, name: str, version: int | str) -> str:
    """A table all shards share.

    >>> table_key("kairos", "cuts", 20161001)
    'kairos:table:cuts:20161001'
    """
    return f"{check_namespace(namespace)}:table:{name}:{version}"


def workers_key(namespace: str) -> str:
    """Where workers report (`sinks.workers`).

    >>> workers_key("kairos")
    'kairos:workers'
    """
    return f"{check_namespace(namespace)}:workers"


class EndpointKeys(NamedTuple):
    """The keys of one endpoint that messages are sent to (`sinks.webhooks.store`), in the order the scripts expect.
    `kept` is a prefix: topic, colon and partition follow."""

    own: str
    offsets: str
    unsent: str
    counts: str
    ended: str
    state: str
    kept: str


def endpoint_keys(namespace: str, name: str) -> EndpointKeys:
    """Keys of an endpoint, by its name.

    >>> endpoint_keys("kairos", "crm").kept + "cart-abandonments:3"
    '{kairos:act:crm}:kept:cart-abandonments:3'
    """
    tag = f"{{{check_namespace(namespace)}:act:{name}}}:"
    return EndpointKeys(*(tag + part for part in ("own", "off", "unsent", "counts", "ended", "state", "kept:")))


def endpoints_key(namespace: str) -> str:
    """Where those who send to endpoints report (`sinks.deliveries`).

    >>> endpoints_key("kairos")
    'kairos:endpoints'
    """
    return f"{check_namespace(namespace)}:endpoints"


def retracted_key(namespace: str, topic: str, partition: int) -> str:
    """Ids that messages of a partition of an output topic have taken back.

    >>> retracted_key("kairos", "cart-abandonments", 3)
    'kairos:retracted:cart-abandonments:3'
    """
    return f"{check_namespace(namespace)}:retracted:{topic}:{partition}"


def partitions_key(namespace: str) -> str:
    """The key shared by all shards: how many there are.

    >>> partitions_key("kairos")
    'kairos:partitions'
    """
    return f"{check_namespace(namespace)}:partitions"
