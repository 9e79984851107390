"""What partitions of output topics are called on the broker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aiokafka import TopicPartition

from sinks.webhooks.message import Place


class Places:
    """Topics by role, and back.

    Parameters
    ----------
    outputs
        The name of each output topic, by role.

    >>> places = Places({"user-tags": "shop.tags"})
    >>> places.partition(Place("user-tags", 3)), places.role("shop.tags")
    (TopicPartition(topic='shop.tags', partition=3), 'user-tags')
    """

    def __init__(self, outputs: Mapping[str, str]) -> None:
        self._outputs = dict(outputs)
        self._roles = {topic: role for role, topic in outputs.items()}

    def topic(self, role: str) -> str:
        """The name of a topic on the broker."""
        return self._outputs[role]

    def role(self, topic: str) -> str:
        """The role of a topic."""
        return self._roles[topic]

    def partition(self, place: Place) -> TopicPartition:
        """As Kafka's clients call it."""
        return TopicPartition(self._outputs[place.topic], place.partition)

    def places(self, partitions: Iterable[TopicPartition]) -> list[Place]:
        """As the queues call them, in order."""
        return sorted(Place(self._roles[one.topic], one.partition) for one in partitions)
