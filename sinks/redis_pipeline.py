"""Requests of several shards in one pipeline; on a cluster in one for each node, so that a node that is away is the
trouble of its own shards.

A reply that is an error belongs to its request alone. Where the trip itself fails, each of its requests may or may not
have arrived: a store's requests may all be repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from redis import RedisCluster
from redis.exceptions import AskError, NoScriptError, ResponseError

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
    if not isinstance(client, RedisCluster):
        return _pipelined(client, client, commands)
    if len(commands) == 1:  # the cluster's client finds out where a slot has gone
        return [_alone(client, commands[0])]
    found: list[Any] = [None] * len(commands)
    for node, places in _nodes(client, commands).items():
        there = client.get_redis_connection(node)
        answers = _pipelined(client, there, [commands[place] for place in places])
        for place, answer in zip(places, answers, strict=True):
            found[place] = answer
    return found


def _nodes(client: RedisCluster, commands: Sequence[Command]) -> dict[Any, list[int]]:
    """By node, the places of its commands."""
    nodes: dict[Any, list[int]] = {}
    for place, command in enumerate(commands):
        node = client.get_node_from_key(command.key)  # type: ignore[no-untyped-call]
        nodes.setdefault(node, []).append(place)
    return nodes


def _pipelined(client: Redis | RedisCluster, node: Redis, commands: Sequence[Command]) -> list[Any]:
    try:
        with store_errors(), node.pipeline(transaction=False) as pipe:
            for command in commands:
                pipe.execute_command(*command.words)  # type: ignore[no-untyped-call]
            found: list[Any] = pipe.execute(raise_on_error=False)
    except StoreError as error:
        return [error] * len(commands)
    return [_settled(client, command, reply) for command, reply in zip(commands, found, strict=True)]


def _settled(client: Redis | RedisCluster, command: Command, reply: Any) -> Any:
    if isinstance(reply, NoScriptError | AskError):  # MovedError is one too
        return _alone(client, command)
    return explain(reply) if isinstance(reply, ResponseError) else reply


def _alone(client: Redis | RedisCluster, command: Command) -> Any:
    """Send a command by itself: with the text of its script where the server does not know it."""
    try:
        with store_errors():
            try:
                return client.execute_command(*command.words)  # type: ignore[no-untyped-call]
            except NoScriptError:
                assert command.script is not None
                return command.script.by_text(command.words)
    except StoreError as error:
        return error
