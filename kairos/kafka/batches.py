"""The batches of a partition as the broker keeps them: how far each goes, and whether it can be decoded.

Read from their headers, since a consumer says of a batch it cannot decode neither. The layout: Kafka's documentation,
*Record Batch*.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, OffsetOutOfRangeError, for_code
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.record.memory_records import MemoryRecords

from kairos.config.settings import Settings
from kairos.errors import TopicError, no_kafka

SIZE = 1 << 20
"""Bytes asked for at once; a first batch that is larger comes whole."""
WAIT_MS = 500
PREFIX = struct.Struct(">qi")  # the first offset, the bytes that follow
LAST = struct.Struct(">i")  # the last offset less the first
MAGIC_AT, LAST_AT = 16, 23


class Batch(NamedTuple):
    """A batch: its first offset, the one after its last, and why it cannot be decoded ("" if it can)."""

    first: int
    end: int
    problem: str


class Log(NamedTuple):
    """What was read of a partition from an offset on: its batches, and where the log ends."""

    batches: Sequence[Batch]
    end: int


async def read(settings: Settings, topic: str, partition: int, offset: int) -> Log:
    """The batches from the one that holds `offset` on, up to the first that cannot be decoded, or the log's end.

    Raises
    ------
    TopicError
        There is no such topic or partition, no such offset, or Kafka does not answer.
    """
    client = AIOKafkaClient(bootstrap_servers=list(settings.brokers), **settings.security.client())
    try:
        await client.bootstrap()
        cluster = await client.fetch_all_metadata()
        leader = cluster.leader_for_partition(TopicPartition(topic, partition))
        if leader is None or leader < 0:
            raise TopicError(f"no partition {partition} of {topic}, or none that any broker leads")
        return await _read(client, leader, topic, partition, offset)
    except KafkaError as error:
        raise TopicError(no_kafka(settings.brokers, error)) from None
    finally:
        await client.close()


async def _read(client: AIOKafkaClient, leader: int, topic: str, partition: int, offset: int) -> Log:
    found: list[Batch] = []
    while True:
        ask = FetchRequest(WAIT_MS, 1, SIZE, 0, [(topic, [(partition, offset, SIZE)])])
        answer = await client.send(leader, ask)
        _, code, end, *_, data = answer.topics[0][1][0]
        if code:
            _refused(f"{topic}[{partition}]", offset, for_code(code))
        found += batches(bytes(data or b""), offset, end)
        if not found or found[-1].problem or found[-1].end >= end or found[-1].end <= offset:
            return Log(found, end)
        offset = found[-1].end


def _refused(where: str, offset: int, error: Any) -> None:
    if error is OffsetOutOfRangeError:
        raise TopicError(f"{where}: the log has no offset {offset}")
    raise error(where)


def batches(data: bytes, offset: int, end: int) -> Iterator[Batch]:
    """The whole batches of an answer, up to the first that cannot be decoded.

    Parameters
    ----------
    data
        As the broker sent it; the last batch may be cut off.
    offset
        What was asked for.
    end
        Of the log. A damaged header may say more.
    """
    at = 0
    while len(data) - at >= LAST_AT + LAST.size:
        first, following = PREFIX.unpack_from(data, at)
        whole = data[at : at + PREFIX.size + following]
        if len(whole) < PREFIX.size + following:
            return
        last = first + (LAST.unpack_from(whole, LAST_AT)[0] if whole[MAGIC_AT] > 1 else 0)
        batch = Batch(first, max(offset + 1, min(last + 1, end)), _problem(whole))
        yield batch
        if batch.problem:
            return
        at, offset = at + len(whole), batch.end


def _problem(batch: bytes) -> str:
    """Why a batch cannot be decoded, by the client that workers use. What it raises depends on codec and bytes."""
    try:
        found: Any = MemoryRecords(batch).next_batch()
        if not found.validate_crc():
            return "its checksum is wrong"
        for _ in found:
            pass
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""
