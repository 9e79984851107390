"""Bytes of Redis a shopper, by MEMORY USAGE of all their keys: real shops, the simulator's, a buyer with everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import chain, islice
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw, Struct
from redis import Redis
from rich.console import Console

from bench.churn import full_buyer
from bench.memory import NAMESPACE, Forgotten
from bench.progress import progress
from bench.shoppers import shoppers
from bench.sources import First
from kairos.config.settings import load
from kairos.replay import ticks
from kairos.replay.cdnow import Cdnow
from kairos.replay.ga360 import Ga360
from kairos.replay.local import Local
from kairos.replay.row import Rows
from kairos.simulate.settings import BUSY, DEMO_HISTORY
from kairos.simulate.shop import Shop
from models.features import SHOPPERS
from models.profile import codec
from sinks.embedded import EmbeddedServer
from sinks.keys import shard_keys
from sinks.redis_store import RedisStore

ORDERS = 30_000
"""Of CDNOW so many, of all its buyers: all of them take long, since buyers alone have nearly a million labels."""
SHARDS = 1
"""A long history has more ticks than events, one an hour on each partition."""


class Footprint(Struct, frozen=True):
    """Bytes of a shop's shoppers: mean of all, mean, 99th percentile and most of its buyers."""

    shop: str
    shoppers: int
    mean: float
    buyers: int
    mean_buyer: float
    p99: float
    most: float


class Everything(Struct, frozen=True):
    """Bytes of the buyer with everything: of the keys, and of the parts of the packed profile; the tags held."""

    orders: int
    tags: int
    profile: int
    public: int
    timer: float
    parts: dict[str, int]

    @property
    def bytes(self) -> float:
        """All keys together."""
        return self.profile + self.public + self.timer


def measure(
    events: int, ga360: Path | None, cdnow: Path | None, data: Path, console: Console
) -> tuple[list[Footprint], Everything]:
    """The shops whose files are there, the simulator's first, for which `events` are taken of everyone."""
    life = list(islice(Shop(BUSY), events))
    within = [row for row in full_buyer.rows(BUSY.start) if (row[0] or 0) < BUSY.start + DEMO_HISTORY]
    mixed = list(merge(life, within, key=lambda row: row[0] or 0))
    found = []
    with EmbeddedServer(data / "simulated") as server, Redis.from_url(server.url) as client:
        found.append(_fold("the simulator's shop", [mixed], {}, client, console))
        everything = _everything(client)
    for name, batches, prior in _real(ga360, cdnow):
        with EmbeddedServer(data / prior) as server, Redis.from_url(server.url) as client:
            found.append(_fold(name, batches, {"KAIROS_CHURN_PRIOR": prior}, client, console))
    return found, everything


def _real(ga360: Path | None, cdnow: Path | None) -> Iterator[tuple[str, Iterable[Rows], str]]:
    """The real shops whose files are there: title, rows, and what taught the model without them."""
    if ga360 is not None:
        yield "ga360", Ga360([str(ga360)]), "without_ga360"
    if cdnow is not None:
        orders = First(Cdnow([str(cdnow)]), ORDERS)
        yield f"CDNOW, its first {ORDERS:,} orders", orders, "without_cdnow"


def _fold(name: str, batches: Iterable[Rows], changes: dict[str, str], client: Redis, console: Console) -> Footprint:
    """Fold a history into the server; what it takes there."""
    engine = Local(load(changes), SHARDS, RedisStore(client, NAMESPACE), Forgotten())
    with progress(console, f"churn, bytes: folding {name}", None) as show:
        for span in ticks.spans(batches):
            engine.feed(span)
            show(engine.events)
        engine.finish()
    found = shoppers(client, NAMESPACE, SHARDS)
    bought = sorted(shopper.bytes for shopper in found if shopper.orders)
    mean, mean_buyer = sum(shopper.bytes for shopper in found) / len(found), sum(bought) / len(bought)
    return Footprint(name, len(found), mean, len(bought), mean_buyer, bought[int(0.99 * (len(bought) - 1))], bought[-1])


def _everything(client: Redis) -> Everything:
    """The one buyer."""
    keys = shard_keys(NAMESPACE, 0)
    packed: Any = client.get(keys.profile + full_buyer.WHO)
    timer = (client.memory_usage(keys.timers, samples=0) or 0) / max(1, client.zcard(keys.timers))
    profile, public = (client.memory_usage(key + full_buyer.WHO, samples=0) or 0 for key in (keys.profile, keys.public))
    tags = len(codec.decode(packed).tags or ()) // 2
    return Everything(full_buyer.SESSIONS, tags, profile, public, timer, parts(packed))


def parts(packed: bytes) -> dict[str, int]:
    """Bytes of a packed profile by what they are of: a feature's state, or a field of the profile itself.

    >>> from models.kernel.shopper import Profile
    >>> parts(codec.encode(Profile(0, 0, recent_acts=bytes(20))))["recent_acts"]
    22
    """
    p, encode = codec.decode(packed), msgspec.msgpack.encode
    names = {feature.place: feature.name for feature in SHOPPERS.features}
    slots = {names[i]: len(state) for i, state in enumerate(p.slots) if isinstance(state, Raw) and state != b"\xc0"}
    fields = {name: len(encode(getattr(p, name))) for name in ("recent_clicks", "recent_acts", "dues", "tags")}
    known = slots | fields
    rest = {"the rest": len(packed) - sum(known.values())}
    return dict(chain(sorted(known.items(), key=lambda part: -part[1]), rest.items()))
