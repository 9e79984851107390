"""The read model: what people read of the store, decoded and over all shards. Profiles, counters, event time, tables in
force, and the newest outputs; for the command line, the demo and any page. It never writes.

What stands behind it is a `ReadModel` of `sinks.store`, whose values are packed and a shard's own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import msgspec
from msgspec import Struct

from models.churn.model import NAME as MODEL
from models.churn.model import Model
from models.churn.outlook import Outlook, outlook
from models.churn.scoring import RIVER
from models.features import SHOPPERS
from models.kernel.moment import slot
from models.kernel.partition import partitioner
from models.kernel.settings import DAY, SharedSettings
from models.orders.discount_share import shops_share
from models.orders.history import OrderHistory
from models.profile import codec
from models.profile.describe import describe
from models.profile.usual import Usual, usually
from sinks import deliveries as delivering
from sinks.deliveries import Delivery, EndpointReport
from sinks.look import FEED_LENGTH
from sinks.shard_state import ShardState
from sinks.store import ReadModel
from sinks.summary import Summary, merge
from sinks.workers import WorkerReport, decoded, owners, reached


def profile(reader: ReadModel, user: str, settings: SharedSettings) -> dict[str, Any] | None:
    """A shopper's profile, decoded, with their id and shard; None if there is none.

    Parameters
    ----------
    user
        The shopper's id, which is the Kafka key.
    settings
        Their partitioner says which shard the shopper belongs to.
    """
    found = _find(reader, user, settings)
    if found is None:
        return None
    shard, packed = found
    return {"user": user, "shard": shard} | describe(codec.decode(packed), reader.vocab(shard), settings)


def profiles_of(reader: ReadModel, users: Iterable[str], settings: SharedSettings) -> dict[str, dict[str, Any]]:
    """Profiles of some shoppers, as `profile` tells one, by id, in the order asked; who is not known is left out.

    Parameters
    ----------
    users
        Their ids, each once or more.
    """
    shards, wanted = reader.partitions(), defaultdict[int, list[str]](list)
    ids = list(dict.fromkeys(users))
    place = partitioner(settings.partitioner)
    for user in ids if shards else ():
        with suppress(UnicodeEncodeError):  # no id that was ever stored
            wanted[place(user.encode(), shards)].append(user)
    found = {}
    for shard, (packed, vocab) in reader.profiles_of(wanted).items():
        for user, profile in zip(wanted[shard], packed, strict=True):
            if profile is not None:
                found[user] = {"user": user, "shard": shard} | describe(codec.decode(profile), vocab, settings)
    return {user: found[user] for user in ids if user in found}


def model(reader: ReadModel) -> Model | None:
    """The newest churn model by which some shard judges; None if there is none yet."""
    version = max(pinned(reader, MODEL), default=0)
    stored = reader.table(MODEL, version) if version else None
    return Model.decode(stored) if stored is not None else None


def churn_outlook(reader: ReadModel, user: str, settings: Any) -> Outlook | None:
    """What the churn model expects of a buyer as of the shard's event time; None if there is no model yet, or the
    shopper never bought."""
    found = _find(reader, user, settings)
    judge = model(reader)
    if found is None or judge is None:
        return None
    shard, packed = found
    history = _history(packed)
    buying = history.buying() if history is not None else None
    if buying is None or not buying.occasions:
        return None
    now = event_time(reader, shard)
    if judge.verdict(settings.churn_horizon / DAY).judge == RIVER:  # River takes seconds to import: not for others
        judge = judge.revived(settings.churn_rival)
    return outlook(buying, now, settings.churn_horizon, judge)


def usual(reader: ReadModel, user: str, settings: Any) -> Usual | None:
    """How a buyer usually orders, beside the shop; None if the shopper has no valid order."""
    found = _find(reader, user, settings)
    history = None if found is None else _history(found[1])
    if found is None or history is None:
        return None
    judge, shop = model(reader), shops_share(summary(reader).counts)
    return usually(history, settings.fading, judge.level if judge else None, shop)


def _history(packed: bytes) -> OrderHistory | None:
    """The orders of a packed profile; None if there are none."""
    history: OrderHistory | None = slot(codec.decode(packed), SHOPPERS.named["orders"])
    return history


def _find(reader: ReadModel, user: str, settings: SharedSettings) -> tuple[int, bytes] | None:
    """A shopper's shard and packed profile."""
    shards = reader.partitions()
    if not shards:
        return None
    try:
        shard = partitioner(settings.partitioner)(user.encode(), shards)
    except UnicodeEncodeError:  # no id that was ever stored
        return None
    packed = reader.profile(shard, user)
    return None if packed is None else (shard, packed)


def profiles(reader: ReadModel, settings: SharedSettings) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every shopper's id and profile, decoded, shard by shard."""
    for partition in range(reader.partitions()):
        vocabulary = reader.vocab(partition)
        for user, packed in reader.profiles(partition):
            yield user, describe(codec.decode(packed), vocabulary, settings)


def summary(reader: ReadModel) -> Summary:
    """All shards' counters."""
    return merge(reader.stats(partition) for partition in range(reader.partitions()))


def workers(reader: ReadModel) -> list[WorkerReport]:
    """What the workers told of themselves last, by their ids. One that ended without a word is still here; its `at`
    says how old that is."""
    return decoded(reader.workers())


def endpoints(reader: ReadModel) -> list[EndpointReport]:
    """The endpoints that messages are sent to, by name, as they were told last; `at` says how old that is."""
    return delivering.merged(reader.endpoints())


def deliveries(reader: ReadModel, endpoint: str, n: int) -> list[Delivery]:
    """The newest `n` messages that came to their end at an endpoint, the newest first; some hundreds are kept."""
    return delivering.decoded(reader.deliveries(endpoint, n))


def event_time(reader: ReadModel, shard: int) -> int:
    """The event time (ms) a shard has come to, at rest too; 0: it has not begun."""
    told = workers(reader)
    lately = max((worker.at for worker in told), default=0)  # by their own clocks: a reader has none
    return reached(ShardState.decode(reader.shard(shard)).watermark, owners(told, lately).get(shard))


def watermarks(reader: ReadModel, partitions: int | None = None) -> list[int]:
    """Each shard's event time in ms, 0 where nothing was committed.

    Parameters
    ----------
    partitions
        How many shards there are to be; by default as many as were ever claimed.
    """
    return [state.watermark for state in _states(reader, partitions)]


def promised(reader: ReadModel) -> int:
    """The latest event time (ms) that any shard under ``clock=event`` was promised, 0 if none was. What is sent now and
    is older than that waits for a later tick: an input of a lower rank may still bring as much."""
    return max([0, *(at for state in _states(reader) if not state.born for at in state.promises.values())])


def pinned(reader: ReadModel, table: str) -> Counter[int]:
    """How many shards judge by each version of a table; 0 is the fixed one."""
    return Counter(state.pins.get(table, 0) for state in _states(reader))


def _states(reader: ReadModel, partitions: int | None = None) -> list[ShardState]:
    count = reader.partitions() if partitions is None else partitions
    return [ShardState.decode(reader.shard(partition)) for partition in range(count)]


def messages(reader: ReadModel, user: str, shard: int) -> list[dict[str, Any]]:
    """The newest messages about a shopper that the shard's feed still has, as they were sent, oldest first."""
    marked = msgspec.json.encode(user)  # most entries are about others: those need not be decoded
    entries = (_decode(value) for _, value in reader.feed(shard, FEED_LENGTH) if marked in value)
    found = (msgspec.json.decode(entry.message) for entry in entries)
    return [message for message in found if message["user_id"] == user]


class FeedEntry(Struct, frozen=True):
    """One output in a shard's feed: the role of its topic, and the message as JSON."""

    topic: str
    message: msgspec.Raw


class _When(Struct, frozen=True):
    as_of: int = 0


_decode = msgspec.json.Decoder(FeedEntry).decode
_as_of = msgspec.json.Decoder(_When).decode


class Feed:
    """The outputs that all shards committed lately, each once. A shard keeps the newest 1,000: who asks too seldom
    misses the others."""

    def __init__(self, reader: ReadModel) -> None:
        self._reader = reader
        self._seen = dict.fromkeys(range(reader.partitions()), (0, -1))

    def fresh(self) -> list[FeedEntry]:
        """What came since the last call, at the first call all that is kept; by the event time of its messages."""
        found = [entry for partition in self._seen for entry in self._fresh(partition)]
        return sorted(found, key=lambda entry: _as_of(entry.message).as_of)

    def _fresh(self, partition: int) -> list[FeedEntry]:
        feed = self._reader.feed(partition, FEED_LENGTH)
        found = [(tuple(map(int, ident.split("-"))), value) for ident, value in feed]
        fresh = [_decode(value) for ident, value in found if ident > self._seen[partition]]
        if found:
            self._seen[partition] = (found[-1][0][0], found[-1][0][1])
        return fresh
