"""The Redis or Valkey behind REDIS_URL: new enough, keeps all it is given, has room, tells our time, lets us work."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from redis import Redis

from kairos.doctor.check import Check, ok, problem, warning
from kairos.monitoring.eviction import KEPT, evicts
from kairos.monitoring.preflight import MAX_APART
from sinks.embedded import OLDEST
from sinks.keys import partitions_key, shard_keys
from sinks.redis_errors import store_errors
from sinks.store import StoreError

Info = Mapping[str, Any]

APART = 2.0
"""Seconds two clocks may differ without a word."""
FULL, NEARLY = 0.9, 0.75
"""Share of the memory that is a problem, and one that is worth a word."""
PROBE = """#!lua flags=no-writes
local lacking = {}
for i = 2, #ARGV do
  local call = {}
  for word in string.gmatch(ARGV[i], '%S+') do call[#call + 1] = word == 'KEY' and ARGV[1] or word end
  if not redis.acl_check_cmd(unpack(call)) then lacking[#lacking + 1] = call[1] end
end
return lacking
"""
CALLS = (
    "GET KEY",
    "MGET KEY",
    "SET KEY x",
    "MSET KEY x",
    "DEL KEY",
    "HGETALL KEY",
    "HMGET KEY x",
    "HSET KEY x x",
    "ZADD KEY 1 x",
    "ZREM KEY x",
    "ZRANGE KEY 0 0",
    "ZRANGEBYSCORE KEY 0 0",
    "TYPE KEY",
    "EXISTS KEY",
    "XADD KEY * x x",
    "XTRIM KEY MAXLEN 1",
    "XINFO STREAM KEY",
    "TIME",
)
"""What a worker calls, in scripts and without."""


def checks(client: Redis, namespace: str, clock: Callable[[], float] = time.time) -> Iterator[Check]:
    """Every check of the server; only the first where it cannot be reached."""
    try:
        with store_errors():
            client.ping()
    except StoreError as error:
        yield problem("redis", str(error), "is it running, and REDIS_URL right?")
        return
    yield ok("redis", "answers")
    yield from _guarded("redis clock", lambda: _clock(client, clock))
    yield from _guarded("redis rights", lambda: _rights(client, namespace))
    try:
        with store_errors():
            info: Info = client.info("everything")
    except StoreError:
        advice = "let the user look (ACL SETUSER ... +info), or give doctor the URL of one who may"
        yield warning(
            "redis server", "version, memory and disk could not be looked at: the user may not call INFO", advice
        )
        return
    for judge in (_version, _role, _eviction, _memory, _log):
        yield judge(info)


def _guarded(name: str, look: Callable[[], Check]) -> Iterator[Check]:
    try:
        with store_errors():
            yield look()
    except StoreError as error:
        yield problem(name, str(error), "give the user the rights that docs/redis-keys.md lists")


def _clock(client: Redis, clock: Callable[[], float]) -> Check:
    before = clock()
    seconds, microseconds = client.time()
    apart = (before + clock()) / 2 - (seconds + microseconds / 1e6)
    said = f"differs from this machine's by {apart:+.1f} s"
    if abs(apart) > MAX_APART:
        return problem("redis clock", said, "set both by NTP: a worker under clock=wall does not start like this")
    if abs(apart) > APART:
        return warning("redis clock", said, "set both by NTP: reminders fire that much early or late")
    return ok("redis clock", said)


def _rights(client: Redis, namespace: str) -> Check:
    for key in (shard_keys(namespace, 0).own, partitions_key(namespace)):
        lacking: Any = client.eval(PROBE, 0, key, *CALLS)
        if lacking:
            return problem(
                "redis rights",
                f"the user may not call {', '.join(name.decode() for name in lacking)} on {key}",
                "give the user the rights that docs/redis-keys.md lists",
            )
    return ok("redis rights", "the user may do what a worker does")


def _version(info: Info) -> Check:
    valkey = info.get("valkey_version")
    version = str(valkey or info.get("redis_version", "0"))
    said = f"{'Valkey' if valkey else 'Redis'} {version}"
    number = re.match(r"\d+", version)
    if number is None or int(number[0]) < OLDEST:
        return problem("redis version", said, f"upgrade to {OLDEST} or newer, whose scripts refuse before they write")
    return ok("redis version", said)


def _role(info: Info) -> Check:
    if info.get("role") == "slave":
        return problem("redis role", "a replica, which takes no writes", "point REDIS_URL at the primary")
    return ok("redis role", "primary")


def _eviction(info: Info) -> Check:
    policy = str(info.get("maxmemory_policy"))
    if policy != KEPT:
        advice = "CONFIG SET maxmemory-policy noeviction, and in its file: an evicted profile is a shopper forgotten"
        if not evicts(info):
            return warning("redis eviction", f"maxmemory-policy is {policy}, but maxmemory is not set", advice)
        return problem("redis eviction", f"maxmemory-policy is {policy}: a worker does not start like this", advice)
    return ok("redis eviction", "noeviction")


def _memory(info: Info) -> Check:
    used, bound = int(info["used_memory"]), int(info.get("maxmemory", 0))
    room = bound or int(info.get("total_system_memory", 0))
    share = used / room if room else 0.0
    said = f"{used / 2**20:,.0f} MB of {room / 2**20:,.0f} MB used" + (
        "" if bound else " (of the machine: no maxmemory)"
    )
    if share > FULL:
        return problem("redis memory", said, "raise maxmemory, or give it a larger machine: full, it takes no writes")
    if share > NEARLY:
        return warning("redis memory", said, "plan for more: full, it takes no writes")
    return ok("redis memory", said)


def _log(info: Info) -> Check:
    if not info.get("aof_enabled"):
        advice = "CONFIG SET appendonly yes, and in its file: else a restart loses all that Kafka no longer holds"
        return warning("redis log", "appendonly is off", advice)
    if info.get("aof_last_write_status") != "ok":
        return problem("redis log", "the last write to disk failed", "free disk space, look into its log")
    return ok("redis log", "appendonly is on")
