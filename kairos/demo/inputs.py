"""The newest events that the demo feeds its worker, kept in its Redis: the input topics, as `kairos tail` follows them.
They leave nothing else behind: its broker lives inside its process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from redis import Redis

from kairos.replay.row import Rows
from sinks.redis_errors import store_errors

KEPT = 1_000
"""Events of a topic, about."""


class Inputs:
    """Every method may raise `sinks.store.StoreError`.

    Parameters
    ----------
    client, namespace
        The demo's Redis, and what its keys begin with.
    """

    def __init__(self, client: Redis, namespace: str) -> None:
        self._client: Any = client
        self._namespace = namespace

    def _key(self, topic: str) -> str:
        return f"{self._namespace}:demo:{topic}"

    def keep(self, rows: Rows, topics: Sequence[str]) -> None:
        """Append rows, each to the topic of its role (`topics` by rank)."""
        with store_errors():
            pipeline = self._client.pipeline(transaction=False)
            for _, role, _, value in rows:
                pipeline.xadd(self._key(topics[role]), {"v": value}, maxlen=KEPT, approximate=True)
            pipeline.execute()

    def newest(self, topic: str) -> str:
        """Id of the newest event; "0-0" if there is none."""
        with store_errors():
            entries = self._client.xrevrange(self._key(topic), count=1)
        return entries[0][0].decode() if entries else "0-0"

    def after(self, topic: str, ident: str) -> list[tuple[str, bytes]]:
        """Ids (which begin with ms since 1970, the time of their arrival) and values of the events after that one."""
        with store_errors():
            entries = self._client.xrange(self._key(topic), min=f"({ident}")
        return [(found.decode(), fields[b"v"]) for found, fields in entries]
