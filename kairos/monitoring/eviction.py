"""Whether Redis may throw keys away when its memory is full: then profiles vanish, and no counter says so."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from redis import Redis, RedisCluster
from redis.exceptions import NoPermissionError

from kairos.config.settings import Settings
from kairos.errors import EvictingServer

logger = logging.getLogger(__name__)

KEPT = "noeviction"
"""The policy by which a full server refuses writes, which a worker waits out, instead of forgetting."""


def check(settings: Settings, client: Redis | RedisCluster) -> None:
    """Look at the server, or at every primary of a cluster; what its user may not see counts as well set.

    Raises
    ------
    EvictingServer
        One of them evicts, and the settings do not allow it.
    """
    for where, policy, bound in _evicting(client):
        said = (
            f"{where} evicts keys when its memory is full (maxmemory-policy {policy}, maxmemory {bound / 2**20:,.0f} "
            "MB): an evicted profile is a shopper forgotten. Set maxmemory-policy to noeviction"
        )
        if settings.eviction == "refuse":
            raise EvictingServer(f"{said}, or go on like this by KAIROS_EVICTION=allow")
        logger.warning("%s; going on, as eviction=allow asks", said)


def evicts(memory: Mapping[str, Any]) -> bool:
    """Whether a server does, by its section `memory` of INFO. Without a bound its memory is never full.

    >>> evicts({"maxmemory": 0, "maxmemory_policy": "allkeys-lru"}), evicts({"maxmemory": 1, "maxmemory_policy": KEPT})
    (False, False)
    """
    return int(memory.get("maxmemory", 0)) > 0 and memory.get("maxmemory_policy", KEPT) != KEPT


def _evicting(client: Redis | RedisCluster) -> Iterator[tuple[str, str, int]]:
    """Those that evict: which, their policy, and their bound in bytes."""
    for where, memory in _memories(client):
        if evicts(memory):
            yield where, str(memory["maxmemory_policy"]), int(memory["maxmemory"])


def _memories(client: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(client, RedisCluster):
        for node in client.get_primaries():  # type: ignore[no-untyped-call]
            yield f"Redis at {node.name}", _memory(client, target_nodes=node)
    else:
        yield "Redis", _memory(client)


def _memory(client: Any, **node: Any) -> Mapping[str, Any]:
    """By INFO, which managed servers allow; else by CONFIG GET; else nothing."""
    try:
        return dict(client.info("memory", **node))
    except NoPermissionError:
        pass
    try:
        found = client.config_get("maxmemory*", **node)
    except NoPermissionError:
        return {}
    return {str(name).replace("-", "_"): value for name, value in found.items()}
