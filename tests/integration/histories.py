"""Random shops (`tests.reference.histories`) for runs through the whole worker, and what they must come to."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from models.decoding.decoder import Decoder
from models.kernel.settings import DAY
from sinks.memory_store import MemoryStore
from sinks.shard_state import ShardState
from sinks.store import ReadModel
from streams.records import Chunk, Input
from streams.shard import Shard
from tests.integration.outcome import Outcome, content, gathered
from tests.integration.published import Published
from tests.reference.histories import Shape, history
from tests.reference.logs import START, TOPICS, Logs


def shop(seed: int, shape: Shape) -> Logs:
    """A history whose last tick lies after everything, so that all of it can be folded. Some forty times on the way a
    table is computed, from two buyers on."""
    logs = history(seed, shape)
    read = Decoder(logs.settings).read
    times = [read(record.value, record.timestamp).e for log in logs.records.values() for record in log]
    final = max(times) + 1 - START
    logs.tick(final)
    every = max(1, final // DAY // 40) * DAY
    logs.settings = msgspec.structs.replace(logs.settings, table_every=every, table_buyers=2, table_history=0)
    return logs


def done(logs: Logs, inputs: Sequence[Input], reader: ReadModel) -> bool:
    """Whether every record is folded, every timer before the last tick, and the last table pinned. (What the last batch
    says may be on its way yet: a worker that ends well has said it.)"""
    last = logs.records[TOPICS[0], 0][-1]
    final = Decoder(logs.settings).read(last.value, last.timestamp).e
    for partition in range(logs.partitions):
        offsets = reader.offsets(partition)
        for source, records in zip(inputs, logs.shard(partition).values(), strict=True):
            if offsets.get(source.topic, 0) < len(records):
                return False
        if any(due < final for due in reader.timers(partition).values()):
            return False
        shop = logs.settings
        newest = (final - shop.table_lag) // shop.table_every * shop.table_every
        if ShardState.decode(reader.shard(partition)).settled < newest:
            return False
    return True


def folded(logs: Logs, inputs: Sequence[Input]) -> Outcome:
    """All shards in turns, without Faust, Redis or Kafka. `inputs` names the topics in their order."""
    store, said = MemoryStore(), list[Published]()
    shards = [Shard(p, logs.partitions, inputs, store, logs.settings).claim() for p in range(logs.partitions)]
    for shard in shards:
        for source, records in zip(inputs, logs.shard(shard.partition).values(), strict=True):
            shard.receive(Chunk(source.topic, shard.partition, 0, records))
    while moved := [shard for shard in shards if shard.step()]:
        for shard in moved:
            said += [Published(shard.partition, *message[:3]) for message in shard.outbox]
            shard.published()
    return gathered([content(store, partition, logs.settings) for partition in range(logs.partitions)], said)
