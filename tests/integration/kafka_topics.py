"""Topics of a test's own on a real broker, and what is in them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewPartitions, NewTopic


class Topics:
    """Input topics and an output topic with names nobody else uses."""

    def __init__(self, brokers: str, inputs: int, partitions: int) -> None:
        self.brokers = brokers
        self.partitions = partitions
        self.tag = uuid.uuid4().hex[:8]
        self.inputs = [f"in{i}-{self.tag}" for i in range(inputs)]
        self.output = f"out-{self.tag}"
        self.group = f"group-{self.tag}"
        self.counts = {(topic, p): 0 for topic in self.inputs for p in range(partitions)}
        self.create(dict.fromkeys((*self.inputs, self.output), partitions))

    def create(self, topics: dict[str, int]) -> None:
        admin = KafkaAdminClient(bootstrap_servers=self.brokers)
        try:
            admin.create_topics([NewTopic(name, partitions, 1) for name, partitions in topics.items()])
        finally:
            admin.close()

    def add_partitions(self, topics: Iterable[str], total: int) -> None:
        """Let these topics have so many."""
        admin = KafkaAdminClient(bootstrap_servers=self.brokers)
        try:
            admin.create_partitions({topic: NewPartitions(total) for topic in topics})
        finally:
            admin.close()

    def produce(self, each: int, size: int = 100, only: Iterable[tuple[str, int]] | None = None) -> None:
        """Append so many records to every partition of every input, or to these alone."""
        places = list(self.counts if only is None else only)
        producer = KafkaProducer(bootstrap_servers=self.brokers, linger_ms=5)
        try:
            for _ in range(each):
                for topic, partition in places:
                    producer.send(topic, key=b"k", value=b"v" * size, partition=partition)
            producer.flush()
        finally:
            producer.close()
        self.counts |= {place: self.counts[place] + each for place in places}

    @property
    def total(self) -> int:
        """Records produced to all inputs."""
        return sum(self.counts.values())

    def delete_before(self, topic: str, partition: int, offset: int) -> None:
        """What retention does, now."""
        admin = KafkaAdminClient(bootstrap_servers=self.brokers)
        try:
            admin.delete_records({TopicPartition(topic, partition): offset})
        finally:
            admin.close()

    def delete(self, topic: str) -> None:
        """With all that is in it; returns once it is gone."""
        admin = KafkaAdminClient(bootstrap_servers=self.brokers)
        try:
            admin.delete_topics([topic])
            while topic in admin.list_topics():
                time.sleep(0.1)
        finally:
            admin.close()

    def committed(self) -> dict[tuple[str, int], int | None]:
        """The group's offsets."""
        admin = KafkaAdminClient(bootstrap_servers=self.brokers)
        try:
            answer = admin.list_group_offsets({self.group: None})
        finally:
            admin.close()
        return {(tp.topic, tp.partition): found.offset for tp, found in answer[self.group].items()}

    def read(self, topic: str) -> Iterable[tuple[int, bytes | None, bytes | None]]:
        """(partition, key, value) of everything in a topic now."""
        consumer = KafkaConsumer(bootstrap_servers=self.brokers)
        try:
            places = [TopicPartition(topic, p) for p in range(self.partitions)]
            consumer.assign(places)
            ends = consumer.end_offsets(places)
            consumer.seek_to_beginning(*places)
            while any(consumer.position(place) < ends[place] for place in places):
                for place, records in consumer.poll(timeout_ms=500).items():
                    for record in records:
                        yield place.partition, record.key, record.value
        finally:
            consumer.close()
