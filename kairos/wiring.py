"""Names the concrete parts: which store, which outputs, which transport."""

from __future__ import annotations

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from kairos import lease
from kairos.errors import NoServer
from kairos.settings import Settings
from sinks.redis_reader import RedisReader

TIMEOUT = 5.0
"""Seconds a call to Redis may take before it counts as unanswered."""


def client(url: str) -> Redis:
    """A client for a `redis://` URL. A call may be sent again: every script of ours knows a repeat."""
    return Redis.from_url(
        url,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        health_check_interval=30,
        retry=Retry(ExponentialBackoff(cap=1.0, base=0.05), 3),
    )


def reader(settings: Settings) -> RedisReader:
    """The read model: of REDIS_URL, else of the demo that runs here.

    Raises
    ------
    NoServer
        Neither is there.
    """
    if settings.redis_url:
        return RedisReader(client(settings.redis_url), settings.namespace)
    demo = lease.running()
    if demo is None:
        raise NoServer("no server: start `make demo` or set REDIS_URL")
    return RedisReader(client(demo.redis), demo.namespace)
