"""Batches to commit, and all that can be read of a shard, for comparison."""

from __future__ import annotations

from typing import Any

from redis import Redis

from sinks.store import Commit, ReadModel

EMPTY = Commit(offsets={}, shard=b"", profiles={}, public={}, timers={}, stats={}, vocab={}, feed=(), outbox=b"")

FULL = Commit(
    offsets={"clickstream": 7, "orders": 5},
    shard=b"\x00W",
    profiles={"u1": b"\xff\x00one", "u2": b"two"},
    public={"u1": {"segment": "new", "orders": 1}},
    timers={"u1": 1_700_000_000_017, "u2": 1_700_000_000_005},
    stats={"events": 12, "h:3": "[[180,12,1,5990,0]]"},
    vocab={"shoes": 0, "帽子": 1},
    feed=(b"\xfe first", b"second"),
    outbox=b"\x93out",
    sketches={"cuts": b"\x00live"},
    frozen={("cuts", 20161001): b"frozen"},
)


def batch(**parts: Any) -> Commit:
    """A commit of these parts and nothing else."""
    return Commit(**{name: parts.get(name, getattr(EMPTY, name)) for name in Commit.__struct_fields__})


def everything(reader: ReadModel, partition: int = 0) -> dict[str, Any]:
    """The whole shard, as read."""
    profiles = dict(reader.profiles(partition))
    users = set(profiles) | set(reader.timers(partition)) | {"u1", "u2"}
    return {
        "profiles": profiles,
        "public": {user: dict(reader.public(partition, user)) for user in users if reader.public(partition, user)},
        "shard": reader.shard(partition),
        "offsets": dict(reader.offsets(partition)),
        "stats": dict(reader.stats(partition)),
        "vocab": dict(reader.vocab(partition)),
        "timers": dict(reader.timers(partition)),
        "feed": reader.feed(partition, 5_000),
    }


def raw(redis: Redis, namespace: str) -> dict[bytes, bytes]:
    """Every key of a namespace as the server would dump it: byte for byte, fence included."""
    return {name: redis.dump(name) for name in sorted(redis.keys(f"*{namespace}*"))}
