"""What a worker's shards are like at the moment somebody asks, as Prometheus gauges. Runs in the thread that answers:
what it reads of a shard is replaced whole by the shard's own thread, never half.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from kairos.monitoring import facts
from models.features import SHOPPERS
from sinks.redis_reader import RedisReader
from sinks.store import StoreError
from sinks.summary import TOLD, merge
from streams.claimed import ClaimedShard
from streams.runner import Runner
from streams.shards import Shards

PER_SHARD: dict[str, tuple[str, Callable[[ClaimedShard, float], float]]] = {
    "watermark_timestamp_seconds": (
        "Event time the shard has reached",
        lambda shard, now: shard.reached(int(now * 1000)) / 1000,
    ),
    "watermark_delay_seconds": (
        "How far that is behind the clock",
        lambda shard, now: facts.delay(shard, int(now * 1000)) / 1000,
    ),
    "outbox_messages": ("Messages committed and not acknowledged yet", lambda shard, now: len(shard.outbox)),
    "buffered_records": (
        "Records fetched and not folded yet",
        lambda shard, now: facts.buffered(shard),
    ),
    "profiles_cached": ("Packed profiles held in memory", lambda shard, now: len(shard.cache.packed)),
    "table_awaited": ("1 while the shard waits for a table of other shards", lambda shard, now: bool(shard.awaited)),
    "shoppers": ("Live shoppers", lambda shard, now: shard.stats.totals.get("shoppers", 0)),
}
LEVELS = {name: about for name, about in SHOPPERS.levels.items() if "<" not in name}
"""What features count of what is there now, but for what has many names."""


class Gauges(Collector):
    """The shards of this worker.

    Parameters
    ----------
    shards
        Of the app.
    reader
        Asked for the number of timers; one that gives up soon.
    """

    def __init__(self, shards: Shards, reader: RedisReader) -> None:
        self._shards = shards
        self._reader = reader

    def describe(self) -> Iterable[Metric]:
        """Nothing: what there is depends on the shards."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """All gauges."""
        now = time.time()
        runners = self._shards.runners or ()
        owned = facts.owned(self._shards)
        yield GaugeMetricFamily("kairos_shards_assigned", "Shards assigned to this worker", len(runners))
        yield GaugeMetricFamily("kairos_shards_owned", "Shards claimed and at work", len(owned))
        yield GaugeMetricFamily("kairos_kafka_up", "Whether Kafka answers", facts.kafka_up(self._shards))
        waiting = len(self._shards.outages.partitions)
        yield GaugeMetricFamily("kairos_undecodable", "Partitions that wait at a batch that cannot be decoded", waiting)
        for name, (about, read) in PER_SHARD.items():
            if not name.startswith("watermark"):
                yield _family(name, about, [(runner, read(runner.shard, now)) for runner in owned])
            else:
                begun = [runner for runner in owned if runner.shard.watermark]
                yield _family(name, about, [(runner, read(runner.shard, now)) for runner in begun])
        for name, about in LEVELS.items():
            yield _family(name, about, [(runner, runner.shard.stats.totals.get(name, 0)) for runner in owned])
        yield self._lag(owned)
        yield _unknown_names(owned)
        yield from self._timers(owned)

    def _lag(self, owned: Sequence[Runner]) -> Metric:
        family = GaugeMetricFamily("kairos_lag_records", "Records not folded yet", labels=["topic", "shard"])
        for runner in owned:
            for topic, behind in facts.lag(self._shards, runner):
                family.add_metric([topic, str(runner.partition)], behind)
        return family

    def _timers(self, owned: Sequence[Runner]) -> Iterator[Metric]:
        """Timers, as Redis has them; left out while it does not answer."""
        up = 1
        counts: list[tuple[Runner, tuple[int, int]]] = []
        try:
            counts = [(runner, self._reader.timer_counts(runner.partition, runner.shard.watermark)) for runner in owned]
        except StoreError:
            up = 0
        yield GaugeMetricFamily("kairos_redis_up", "Whether Redis answers", up)
        yield _family("timers", "Timers set", [(runner, total) for runner, (total, _) in counts])
        yield _family("timers_due", "Timers due and not fired", [(runner, due) for runner, (_, due) in counts])


def _unknown_names(owned: Sequence[Runner]) -> Metric:
    """The commonest names of events that are not known, over all shards of this worker."""
    about = "Events of the commonest names that Kairos does not know, since the first start"
    family = GaugeMetricFamily("kairos_unknown_names", about, labels=["name"])
    for name, count in merge(runner.shard.stats.texts for runner in owned).unknown_names.most_common(TOLD):
        family.add_metric([name], count)
    return family


def _family(name: str, about: str, values: Iterable[tuple[Runner, float]]) -> Metric:
    family = GaugeMetricFamily(f"kairos_{name}", about, labels=["shard"])
    for runner, value in values:
        family.add_metric([str(runner.partition)], float(value))
    return family
