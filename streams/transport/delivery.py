"""What travels through a Faust channel here: one message per fetch, with all its chunks, never one per record.

Faust's stock path costs two tasks, a queue and an ack per record; per fetch that is gone, and decoding is left to the
shard.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from faust.serializers.codecs import Codec, register
from faust.transport.base import Producer
from faust.types import TP
from faust.types.tuples import ConsumerMessage

from streams.records import Chunk

CODEC = "kairos-chunk"


class Delivery(NamedTuple):
    """A chunk, and the `epoch` of the claim it was fetched under: after a seek, chunks fetched before it are stale."""

    chunk: Chunk
    epoch: int


def carried(deliveries: Sequence[Delivery], generation: int | None) -> ConsumerMessage:
    """All that one fetch brought for one flow, as one message of Faust's. Faust needs a place for it: that of the first
    chunk will do. `generation`: the group's."""
    chunk = deliveries[0].chunk
    tp, last = TP(chunk.topic, chunk.partition), chunk.records[-1]
    return ConsumerMessage(
        *tp, last.offset, last.timestamp / 1000, 0, None, None, deliveries, None, 0, 0, tp, generation_id=generation
    )


class _Untouched(Codec):  # type: ignore[misc]
    """The value is a list of `Delivery` already: nothing is decoded on Faust's way."""

    def _loads(self, value: Any) -> Any:
        return value

    def _dumps(self, value: Any) -> Any:
        return value


register(CODEC, _Untouched())


class NoProducer(Producer):  # type: ignore[misc]
    """Faust's producer, which nobody uses: outputs are acknowledged batch by batch, through `sinks`."""

    async def flush(self) -> None:
        """Nothing is ever pending."""
