"""Forwarding: a record of another shard's shopper goes to that shopper's partition, and counts there once.

A feed without a key, or with another one than the shopper's id, leaves a shopper's events in any partition. The shard
that finds such a record sends it on through its outbox, as it is, to the same topic, with the shopper's id as its key
and a header that says where it was:

    shard p: offset o of a topic ─▶ outbox ─▶ partition q of the topic, header (p, o, floor) ─▶ shard q: taken before?

An outbox is published again after a crash, by the next owner or by one that has lost the shard: so copies come, whole
batches of them, late, and in any order within a batch. Shard q knows them by what it took of each p. `floor` is where
the batch of p began in that topic. Every outbox is acknowledged before the next batch is folded: so where a record
with a floor lies, all that p ever sent there from below that floor lies before it. Then

    an offset below the highest floor that came from p     was taken: it is a copy
    one from there on                                      is a copy if it is among the offsets taken

and only the offsets of about one batch have to be kept. They are committed with all that the record changed.

A record goes on once. If it does not belong where it was sent, the workers do not agree about the partitioner, and it
is a dead letter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from models.kernel.record import NO_TIME
from sinks.outputs import Header, Message
from sinks.shard_state import ShardState, Taken
from streams.errors import PartitionerChanged

if TYPE_CHECKING:
    from streams.buffer import Entry

HEADER = "kairos-forwarded"


class Origin(NamedTuple):
    """What the header of a forwarded record says.

    Attributes
    ----------
    namespace
        Of the workers that forwarded it. Others may read the same topics: they forward the original themselves.
    partition, offset
        Where the original is, in the same topic.
    floor
        Offset at which the batch that forwarded it began in that topic.
    recorded
        When the original came (ms, see `streams.arrival`; negative: nobody knows): its event time stays the same.
    """

    namespace: str
    partition: int
    offset: int
    floor: int
    recorded: int


_decode = msgspec.json.Decoder(Origin).decode
_encode = msgspec.json.Encoder().encode


def origin(headers: Sequence[Header]) -> Origin | None:
    """Where a record was before it was forwarded; None if it was not.

    >>> origin([("trace", b"7"), (HEADER, b'["kairos",3,120,100,-1]')])
    Origin(namespace='kairos', partition=3, offset=120, floor=100, recorded=-1)
    >>> origin([(HEADER, b"something else")])
    """
    for name, value in headers:
        if name == HEADER:
            try:
                found = _decode(value)
            except msgspec.DecodeError:
                return None
            return found if 0 <= found.floor <= found.offset and found.recorded >= NO_TIME else None
    return None


class Forwarding:
    """What one claim of a shard sends on, and what it takes.

    Parameters
    ----------
    namespace, partition, partitions
        Whose shard it is, which one, of how many.
    state
        The shard's: what was taken is kept there.
    offsets
        Of the shard: next offset by topic, as committed. Changed by whoever commits.
    partitioner
        By which shoppers have their partitions.

    Raises
    ------
    PartitionerChanged
        Shoppers came here by another partitioner.
    """

    def __init__(
        self,
        namespace: str,
        partition: int,
        partitions: int,
        state: ShardState,
        offsets: Mapping[str, int],
        partitioner: str,
    ) -> None:
        if state.partitioner not in ("", partitioner):
            raise PartitionerChanged(
                f"shard {partition} has shoppers whose records were forwarded to it by the partitioner "
                f"{state.partitioner}, and KAIROS_PARTITIONER is {partitioner}: they would be torn apart. Set it back "
                "and let the producers use it too, or read everything again into another KAIROS_NAMESPACE"
            )
        self._namespace, self._partition, self._partitions = namespace, partition, partitions
        self._state, self._offsets, self._partitioner = state, offsets, partitioner

    def take(self, topic: str, origin: Origin) -> bool:
        """Take a forwarded record, unless it is a copy of one that was taken, or was forwarded by other workers."""
        if origin.namespace != self._namespace or not 0 <= origin.partition < self._partitions:
            return False
        taken = self._state.forwards.setdefault(topic, {}).setdefault(origin.partition, Taken())
        if origin.offset < taken.floor or origin.offset in taken.offsets:
            return False
        if origin.floor > taken.floor:
            taken.floor = origin.floor
            taken.offsets = {offset for offset in taken.offsets if offset >= taken.floor}
        taken.offsets.add(origin.offset)
        self._state.partitioner = self._partitioner
        return True

    def message(self, entry: Entry, shopper: str, owner: int) -> Message:
        """The record as it goes to its shopper's partition.

        Its Kafka timestamp there is the time of sending, since brokers refuse and delete records by their age.
        """
        topic, offset = entry.source.topic, entry.record.offset
        where = Origin(self._namespace, self._partition, offset, self._offsets.get(topic, 0), entry.recorded)
        assert entry.record.value is not None, "what has no value has no shopper"
        self._state.clear = self._state.clear or 1  # from now on others ask how far this shard is (see clearance.py)
        return Message(topic, shopper.encode(), entry.record.value, owner, ((HEADER, _encode(where)),))
