"""Bytes of Redis a shopper: a real shop's history folded into a real server, through the engine without Kafka.

Twice: as it is meant, where visitors without an order are forgotten after 30 idle days, and with nobody ever forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from redis import Redis
from rich.console import Console

from bench.progress import progress
from bench.servers import server_name, server_version
from bench.shoppers import Kind, Shopper, grouped, shoppers
from bench.used import delta
from kairos.config.settings import load
from kairos.replay import ticks
from kairos.replay.ga360 import Ga360
from kairos.replay.local import Local
from models.kernel.settings import DAY
from sinks.embedded import EmbeddedServer
from sinks.memory_outputs import MemoryOutputs
from sinks.outputs import Message
from sinks.redis_store import RedisStore

NAMESPACE = "kairos"
SHARDS = 8
NEVER = 36_500 * DAY


class Forgotten(MemoryOutputs):
    """Outputs that nobody will read."""

    def append(self, partition: int, messages: Sequence[Message]) -> None:
        """Drop them."""


class Footprint(Struct):
    """What all shoppers of a shop take.

    Attributes
    ----------
    title
        Which of the two it is.
    server
        Name and version.
    shoppers
        How many there are in the end.
    mean
        Bytes a shopper, all their keys, by what a fresh server's `used_memory` grew by.
    keys
        The same bytes by kind of key, by MEMORY USAGE, a shopper.
    kinds
        Groups of shoppers and their bytes.
    """

    title: str
    server: str
    shoppers: int
    mean: float
    keys: dict[str, float]
    kinds: list[Kind]


def measure(file: Path, data: Path, console: Console) -> list[Footprint]:
    """Both footprints of a ga360 export. Raises ReplayError for another file, ServerError without a server."""
    return [
        _measure("live at the end", file, {}, data / "live", console),
        _measure("nobody forgotten", file, {"visitor_ttl": NEVER, "buyer_ttl": NEVER}, data / "all", console),
    ]


def _measure(title: str, file: Path, changes: dict[str, int], data: Path, console: Console) -> Footprint:
    with EmbeddedServer(data) as server, Redis.from_url(server.url) as client:
        fold(file, client, changes, title, console)
        found = shoppers(client, NAMESPACE, SHARDS)
        info = client.info("server")
        mean = delta(client, data / "copy", NAMESPACE, SHARDS) / len(found)
    return Footprint(
        title, f"{server_name(info)} {server_version(info)}", len(found), mean, by_key(found), grouped(found)
    )


def fold(file: Path, client: Redis, changes: dict[str, int], title: str, console: Console) -> None:
    """Fold the whole file into the server, with changed settings of the shop."""
    settings = load({})
    settings = msgspec.structs.replace(settings, shop=msgspec.structs.replace(settings.shop, **changes))
    source = Ga360([str(file)])
    engine = Local(settings, SHARDS, RedisStore(client, NAMESPACE), Forgotten())
    with progress(console, f"memory, {title}: folding {file.name}", source.total) as show:
        for span in ticks.spans(source):
            engine.feed(span)
            show(engine.events)
        engine.finish()


def by_key(found: Sequence[Shopper]) -> dict[str, float]:
    """Mean bytes a shopper of each kind of key, over all shoppers."""
    kinds = ("profile", "public", "timer")
    return {kind: sum(getattr(shopper, kind) for shopper in found) / len(found) for kind in kinds}
