"""Requests of several shards in one pipeline, on a cluster in one for each node: all are sent before any reply is read.

A reply that is an error belongs to its request alone. Where the trip itself fails, each of its requests may or may not
have arrived: a store's requests may all be repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from redis import RedisCluster
from redis.exceptions import NoScriptError, ResponseError

from sinks.redis_errors import explain, store_errors
from sinks.store import StoreError

if TYPE_CHECKING:
    from redis import Redis

    from sinks.redis_script import Script


class Command(NamedTuple):
    """One command: a key of its shard, its words, and the script that it calls (None: it calls none)."""

    key: str
    words: Sequence[Any]
    script: Script | None = None


def replies(client: Redis | RedisCluster, commands: Sequence[Command]) -> list[Any]:
    """Replies in the order of the commands; a StoreError in the place of one that failed."""
    try:
        with store_errors(), client.pipeline(transaction=False) as pipe:
            for command in commands:
                pipe.execute_command(*command.words, **_target(client, command.key))
            found: list[Any] = pipe.execute(raise_on_error=False)
    except StoreError as error:
        return [error] * len(commands)
    return [_settled(command, reply) for command, reply in zip(commands, found, strict=True)]


def _target(client: Redis | RedisCluster, key: str) -> dict[str, Any]:
    """Where a command goes: of a script redis-py would have to ask the server which of its words are keys."""
    if isinstance(client, RedisCluster):
        return {"target_nodes": client.get_node_from_key(key)}  # type: ignore[no-untyped-call]
    return {}


def _settled(command: Command, reply: Any) -> Any:
    if isinstance(reply, NoScriptError) and command.script:
        try:
            with store_errors():
                return command.script.by_text(command.words)
        except StoreError as error:
            return error
    return explain(reply) if isinstance(reply, ResponseError) else reply
