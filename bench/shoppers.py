"""Each shopper's keys in Redis and their bytes by MEMORY USAGE: a key's name, its value and its entry in the server's
table of keys. (The slots of that table are not in it; `bench.used` has them.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct
from redis import Redis

from models.features import SHOPPERS
from models.kernel.moment import slot
from models.kernel.shopper import Profile
from models.profile import codec
from sinks.keys import ShardKeys, shard_keys
from sinks.redis_reader import RedisReader

CHUNK = 1_000
ORDERS, CARTS = SHOPPERS.named["orders"], SHOPPERS.named["carts"]


class Shopper(Struct):
    """Bytes of one shopper's keys: packed profile, public hash (0: none), share of the shard's timers."""

    kind: str
    orders: int
    profile: int
    public: int
    timer: float

    @property
    def bytes(self) -> float:
        """All keys together."""
        return self.profile + self.public + self.timer


class Kind(Struct):
    """A group of shoppers: how many, and the bytes of their keys: mean, and the most."""

    name: str
    shoppers: int
    mean: float
    most: float


def shoppers(client: Redis, namespace: str, shards: int) -> list[Shopper]:
    """Everybody on the server."""
    return [shopper for partition in range(shards) for shopper in _shard(client, namespace, partition)]


def _shard(client: Redis, namespace: str, partition: int) -> Iterator[Shopper]:
    keys, profiles = shard_keys(namespace, partition), RedisReader(client, namespace).profiles(partition)
    timer = (client.memory_usage(keys.timers, samples=0) or 0) / max(1, client.zcard(keys.timers))
    while chunk := list(islice(profiles, CHUNK)):
        sizes = _sizes(client, keys, [user for user, _ in chunk])
        for (_, packed), (profile, public) in zip(chunk, sizes, strict=True):
            decoded = codec.decode(packed)
            yield Shopper(kind(decoded), orders(decoded), profile, public, timer if decoded.due else 0)


def _sizes(client: Redis, keys: ShardKeys, users: Sequence[str]) -> Iterator[tuple[int, int]]:
    with client.pipeline(transaction=False) as pipe:
        for user in users:
            pipe.memory_usage(keys.profile + user, samples=0)
            pipe.memory_usage(keys.public + user, samples=0)
        found = [size or 0 for size in pipe.execute()]
    return zip(found[::2], found[1::2], strict=True)


def orders(profile: Profile) -> int:
    """Orders of a profile, all that were ever reported."""
    history = slot(profile, ORDERS)
    return 0 if history is None else int(history.summary(1, 1.0).orders)


def kind(profile: Profile) -> str:
    """Which group a shopper belongs to.

    >>> kind(Profile(0, 0, events=1)), kind(Profile(0, 0, events=2))
    ('one event', 'several events, no cart')
    """
    if slot(profile, ORDERS) is not None:
        count = orders(profile)
        return "1 order" if count == 1 else "2 to 7 orders" if count < 8 else "8 orders or more"
    if (carts := slot(profile, CARTS)) is not None and carts.carts:
        return "a cart, no order"
    return "one event" if profile.events == 1 else "several events, no cart"


def grouped(found: Sequence[Shopper]) -> list[Kind]:
    """The groups, smallest shoppers first, and everybody."""
    groups: dict[str, list[float]] = {}
    for shopper in found:
        groups.setdefault(shopper.kind, []).append(shopper.bytes)
    groups = dict(sorted(groups.items(), key=lambda item: sum(item[1]) / len(item[1])))
    groups["all"] = [shopper.bytes for shopper in found]
    return [Kind(name, len(sizes), sum(sizes) / len(sizes), max(sizes)) for name, sizes in groups.items()]
