"""Reading topics from the command line, with kafka-python's consumer; no group, nothing is committed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import CorruptRecordError, KafkaError, UnsupportedCodecError

from kairos.config.settings import Settings
from kairos.errors import TopicError, no_kafka

POLL_MS = 500


def consumer(settings: Settings) -> KafkaConsumer:
    """A consumer that belongs to no group. TopicError if no broker answers."""
    try:
        return KafkaConsumer(
            bootstrap_servers=list(settings.brokers),
            group_id=None,
            enable_auto_commit=False,
            allow_auto_create_topics=False,
            **settings.security.client(),
        )
    except KafkaError as error:
        raise TopicError(no_kafka(settings.brokers, error)) from None


def partitions(client: KafkaConsumer, topic: str) -> list[TopicPartition]:
    """All partitions of a topic; TopicError if there is no such topic."""
    found = client.partitions_for_topic(topic)
    if not found:
        raise TopicError(f"no topic {topic}: `kairos topics describe` lists ours, `kairos topics create` makes them")
    return [TopicPartition(topic, partition) for partition in sorted(found)]


def polled(client: KafkaConsumer) -> dict[TopicPartition, list[Any]]:
    """The records of one fetch, by partition.

    Raises
    ------
    TopicError
        A batch cannot be decoded. What is raised for it depends on the codec and its package.
    KafkaError
        Anything else the broker or the client complains of.
    """
    try:
        found: dict[TopicPartition, list[Any]] = client.poll(timeout_ms=POLL_MS)
    except UnsupportedCodecError as error:
        raise TopicError(f"{error}: install the packages of requirements.lock") from None
    except Exception as error:
        if isinstance(error, KafkaError) and not isinstance(error, CorruptRecordError):
            raise
        raise TopicError(f"a batch is damaged and cannot be decoded: {error}; `kairos skip` leads past it") from None
    return found


def read(settings: Settings, topic: str) -> Iterator[Any]:
    """Records from the topic's beginning to what is its end now, partition by partition in order."""
    client = consumer(settings)
    try:
        for partition in partitions(client, topic):
            yield from to_end(client, partition)
    finally:
        client.close()


def to_end(client: KafkaConsumer, partition: TopicPartition, start: int = 0) -> Iterator[Any]:
    """Records of one partition from an offset, or from its beginning if that is later, to what is its end now."""
    client.assign([partition])
    client.seek(partition, max(start, client.beginning_offsets([partition])[partition]))
    end = client.end_offsets([partition])[partition]
    while client.position(partition) < end:
        for record in polled(client).get(partition, ()):
            if record.offset < end:
                yield record


def follow(settings: Settings, topics: Iterable[str], *, from_start: bool = False) -> Iterator[Any]:
    """Records of these topics as they come, for ever; `from_start` begins with the oldest ones."""
    client = consumer(settings)
    try:
        wanted = [partition for topic in topics for partition in partitions(client, topic)]
        client.assign(wanted)
        (client.seek_to_beginning if from_start else client.seek_to_end)(*wanted)
        while True:
            for records in polled(client).values():
                yield from records
    finally:
        client.close()
