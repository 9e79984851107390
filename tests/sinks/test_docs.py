"""docs/redis-keys.md against a server: the keys, their types, the fence's fields, the rights."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec.structs import replace
from redis import Redis

from models.features import SHOPPERS
from models.kernel.effects import COLUMNS
from sinks import deliveries
from sinks.deliveries import EndpointReport
from sinks.embedded import EmbeddedServer
from sinks.keys import endpoints_key, workers_key
from sinks.redis_reader import RedisReader
from sinks.redis_store import RedisStore
from sinks.reports import RedisReports
from sinks.webhooks.delivery_store import Change, Switch
from sinks.webhooks.message import Place
from sinks.webhooks.redis_deliveries import RedisDeliveryStore
from sinks.workers import WorkerReport, tell
from tests.sinks.batches import FULL, batch, everything

PAGE = (Path(__file__).parents[2] / "docs" / "redis-keys.md").read_text("utf-8")
TYPES = {"hash": "hash", "list": "list", "string": "string", "sorted set": "zset", "stream": "stream"}


def documented(namespace: str) -> dict[str, str]:
    """Key -> type, of shard 3 and shopper u42, in another namespace than the page's."""
    rows = re.findall(r"^\| `(\S+)` \| ([a-z ]+)", PAGE, re.MULTILINE)
    return {key.replace("kairos", namespace): TYPES[kind.strip()] for key, kind in rows if "kairos" in key}


def test_every_key_is_documented(redis: Redis, redis_store: RedisStore, namespace: str) -> None:
    redis_store.claim(3, "a", schema=1, partitions=8)
    commit = replace(FULL, profiles={"u42": b"p"}, public={"u42": {"segment": "new"}}, timers={"u42": 1})
    redis_store.apply(3, "a", 1, commit)
    for kind in ("cuts", "model"):
        redis_store.keep_table(kind, 20161001, b"{}")
    tell(RedisReports(redis, workers_key(namespace)), WorkerReport("w", "host", 1, "1", 0, "wall"))
    store = RedisDeliveryStore(redis, namespace)
    place = Place("cart-abandonments", 3)
    store.claim("crm", place, "t", 0)
    store.commit("crm", place, "t", Change(1, 1, 1, {0: b"m"}, unsent=("a",), ended=(b"{}",), counts={"delivered": 1}))
    store.retract(place, ["a"], 1)
    store.switch("crm", Switch(1, "answered 410", ""))
    deliveries.tell(RedisReports(redis, endpoints_key(namespace)), "p", EndpointReport("crm", "host", 1))
    there = {key.decode(): redis.type(key).decode() for key in redis.keys(f"*{namespace}*")}
    assert there == documented(namespace)


def test_every_level_and_every_name_of_an_hour_is_documented() -> None:
    section = PAGE.split("## `:stats`")[1].split("\n## ")[0]
    names = {*COLUMNS, *SHOPPERS.levels, *SHOPPERS.hourly}
    assert {name for name in names if f"`{name}`" not in section} == set()


def test_the_fences_fields_are_documented(redis: Redis, redis_store: RedisStore, namespace: str) -> None:
    redis_store.claim(3, "a", schema=1, partitions=8)
    redis_store.apply(3, "a", 1, FULL)
    section = PAGE.split("## `:own`")[1].split("##")[0]
    fields = {name.decode() for name in redis.hkeys(f"{{{namespace}:3}}:own")}
    assert fields == set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))


def test_an_empty_outbox_takes_no_key(redis: Redis, redis_store: RedisStore, namespace: str) -> None:
    redis_store.claim(3, "a", schema=1, partitions=8)
    redis_store.apply(3, "a", 1, FULL)
    assert redis.exists(f"{{{namespace}:3}}:outbox")
    redis_store.apply(3, "a", 2, batch())
    assert not redis.exists(f"{{{namespace}:3}}:outbox")


def test_the_documented_rights_suffice(server: EmbeddedServer, redis: Redis, namespace: str) -> None:
    (command,) = re.findall(r"^ACL SETUSER .*$", PAGE, re.MULTILINE)
    redis.execute_command(*command.replace("kairos", namespace).replace("PASSWORD", "secret").split())
    with Redis(port=server.port, username=namespace, password="secret") as client:
        store = RedisStore(client, namespace)
        store.claim(3, "a", schema=1, partitions=8)
        assert store.apply(3, "a", 1, FULL).status == "OK"
        assert store.due(3, 0, 2**50, 9) == [(1_700_000_000_005, "u2"), (1_700_000_000_017, "u1")]
        assert store.load(3, ["u2"]) == [b"two"]
        assert everything(RedisReader(client, namespace), 3)["offsets"] == {"clickstream": 7, "orders": 5}
        assert client.time()
        tell(RedisReports(client, workers_key(namespace)), WorkerReport("w", "host", 1, "1", 0, "wall"))
        RedisReports(client, workers_key(namespace)).forget(["w"])
        sent, place = RedisDeliveryStore(client, namespace), Place("cart-abandonments", 3)
        sent.claim("crm", place, "t", 0)
        change = Change(1, 1, 1, {0: b"m"}, (0,), ("a",), ("a",), (b"{}",), {"delivered": 1})
        assert sent.commit("crm", place, "t", change) == "OK"
        sent.retract(place, ["a"], 1)
        sent.switch("crm", None)
