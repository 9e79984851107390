"""Who is measured, on which input, and how each is started."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from bench import kafka_streams
from bench.checkout import HERE, Checkout
from bench.servers import Servers
from bench.sources import Feed
from bench.workers.common import Config
from kairos.config.settings import Settings, load

MARKS = 50
"""How often a peer tells how far it is."""


class Peer(NamedTuple):
    """One contender.

    Attributes
    ----------
    title
        What it is, for the table.
    input
        "ticked": a whole history with hourly ticks; "plain": the whole without; "tail": its end, for the slow, on
        profiles that hold what came before.
    module
        The program, in `bench.workers`; "" for `kairos worker`, JAVA for the one in `bench/kstreams`.
    state
        Whether it keeps profiles.
    extra
        More settings for `kairos worker`.
    """

    title: str
    input: str
    module: str = ""
    state: bool = True
    extra: Mapping[str, str] = {}


JAVA = "kstreams"

PEERS = {
    "kairos": Peer("`kairos worker`: the full pipeline", "ticked"),
    "fixed": Peer("the same without daily tables", "ticked", extra={"KAIROS_TABLE_EVERY": "0"}),
    "faust": Peer("stock Faust agent, same fold, Redis GET and SET per event", "tail", "stock_faust"),
    "batch": Peer("batch loop by hand, same fold, MGET and MSET, no fence, no merge", "plain", "batch_loop"),
    "bare": Peer("getmany and the reader alone: the floor", "plain", "bare_loop", state=False),
    "kstreams": Peer("Kafka Streams, *a small job*, states on the heap, Jedis pipeline at commit", "plain", JAVA),
}
EXTRA = {
    "uncached": Peer("`kairos worker` without its cache of profiles", "ticked", extra={"KAIROS_CACHE_PROFILES": "0"}),
}
"""Only measured when asked for."""


def environment(servers: Servers, name: str, feed: Feed) -> dict[str, str]:
    """Settings of Kairos for one run: namespace, group and output topics by `name`, input topics by `feed`."""
    roles = ("USER_TAGS", "CHURN_ALERTS", "CART_ABANDONMENTS", "DEAD_LETTERS")
    inputs = {f"KAIROS_TOPICS_{role.upper()}": f"{role}-{feed.topics}" for role in ("clickstream", "cart", "orders")}
    outputs = {f"KAIROS_TOPIC_{role}": f"{name}-{role.lower().replace('_', '-')}" for role in roles}
    connections = {"KAFKA_URL": servers.kafka, "REDIS_URL": servers.redis, "KAIROS_NAMESPACE": name}
    return {**connections, **inputs, **outputs, "KAIROS_CURRENCY": feed.currency}


def settings(servers: Servers, name: str, feed: Feed) -> Settings:
    """The same as Kairos' own settings."""
    return load(environment(servers, name, feed))


def inherited() -> dict[str, str]:
    """Our own environment without what would speak to a worker of Kairos."""
    ours = ("KAIROS_", "KAFKA_", "REDIS_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def command(peer: Peer, settings: Settings, feed: Feed) -> list[str]:
    """The command line that starts a peer."""
    if not peer.module:
        return HERE.kairos("event")
    if peer.module == JAVA:
        return kafka_streams.COMMAND
    config = msgspec.json.encode(_config(settings, feed)).decode()
    return [sys.executable, "-m", f"bench.workers.{peer.module}", config]


def variables(peer: Peer, servers: Servers, settings: Settings, feed: Feed, code: Checkout = HERE) -> dict[str, str]:
    """The environment of a peer's process."""
    names = environment(servers, settings.namespace, feed) | dict(peer.extra)
    if peer.module == JAVA:
        names = kafka_streams.environment(_config(settings, feed))
    return inherited() | names | {"PYTHONPATH": str(code.root)}


def _config(settings: Settings, feed: Feed) -> Config:
    return Config(
        brokers=list(settings.brokers),
        redis=settings.redis_url or "",
        group=settings.group,
        topics=[source.topic for source in settings.inputs],
        outputs=dict(settings.outputs),
        step=max(1, feed.events // MARKS),
        events=feed.events,
        currency=feed.currency,
        names=feed.names,
    )
