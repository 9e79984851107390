"""Who is measured, on which input, and how each is started."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from bench import kafka_streams
from bench.servers import Servers
from bench.stream import SHOP
from bench.workers.common import Config
from kairos.config.settings import Settings, load

ROOT = Path(__file__).resolve().parent.parent
MARKS = 50
"""How often a peer tells how far it is."""


class Peer(NamedTuple):
    """One contender.

    Attributes
    ----------
    title
        What it is, for the table.
    input
        "ticked": the whole stream with hourly ticks; "plain": the whole without; "tail": its end, for the slow, on
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


def environment(servers: Servers, name: str, source: str) -> dict[str, str]:
    """Settings of Kairos for one run: namespace, group and output topics by `name`, input topics by `source`."""
    roles = ("USER_TAGS", "CHURN_ALERTS", "CART_ABANDONMENTS", "DEAD_LETTERS")
    inputs = {f"KAIROS_TOPICS_{role.upper()}": f"{role}-{source}" for role in ("clickstream", "cart", "orders")}
    outputs = {f"KAIROS_TOPIC_{role}": f"{name}-{role.lower().replace('_', '-')}" for role in roles}
    connections = {"KAFKA_URL": servers.kafka, "REDIS_URL": servers.redis, "KAIROS_NAMESPACE": name}
    return {**connections, **inputs, **outputs, "KAIROS_CURRENCY": SHOP.currency}


def inherited() -> dict[str, str]:
    """Our own environment without what would speak to a worker of Kairos."""
    ours = ("KAIROS_", "KAFKA_", "REDIS_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def command(peer: Peer, settings: Settings, events: int) -> list[str]:
    """The command line that starts a peer."""
    if not peer.module:
        return kairos("event")
    if peer.module == JAVA:
        return kafka_streams.COMMAND
    config = msgspec.json.encode(_config(settings, events)).decode()
    return [sys.executable, "-m", f"bench.workers.{peer.module}", config]


def kairos(clock: str) -> list[str]:
    """The command line of `kairos worker`."""
    return [str(Path(sys.executable).with_name("kairos")), "worker", "--clock", clock]


def variables(peer: Peer, servers: Servers, settings: Settings, events: int) -> dict[str, str]:
    """The environment of a peer's process."""
    names = environment(servers, settings.namespace, peer.input) | dict(peer.extra)
    if peer.module == JAVA:
        names = kafka_streams.environment(_config(settings, events))
    return inherited() | names | {"PYTHONPATH": str(ROOT)}


def _config(settings: Settings, events: int) -> Config:
    return Config(
        brokers=list(settings.brokers),
        redis=settings.redis_url or "",
        group=settings.group,
        topics=[source.topic for source in settings.inputs],
        outputs=dict(settings.outputs),
        step=max(1, events // MARKS),
    )


def settings(servers: Servers, name: str, source: str) -> Settings:
    """The same as Kairos' own settings."""
    return load(environment(servers, name, source))
