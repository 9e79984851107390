"""Outputs on real Kafka: whole, in order, on their partition; failures are told, and gone once the broker is back."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from typing import Any

import pytest

from ops.kafka.local import LocalKafka
from sinks import kafka_outputs
from sinks.kafka_outputs import KafkaOutputs, OutputsError, batches
from sinks.outputs import Header, Message, PublishError
from tests.integration.kafka_topics import Topics


class Batch(list[tuple[bytes | None, bytes]]):
    """Takes three messages."""

    def append(self, *, timestamp: None, key: bytes | None, value: bytes, headers: Sequence[Header]) -> object:  # type: ignore[override]
        if len(self) == 3:
            return None
        super().append((key, value))
        return self


class Producer:
    create_batch = Batch


def test_messages_are_packed_by_topic_in_order() -> None:
    messages = [Message("ab"[n % 2], b"k%d" % n, b"v%d" % n) for n in range(10)]
    packed = list(batches(Producer(), 7, messages))
    assert [(to, len(batch)) for to, batch in packed] == [(("a", 7), 3), (("a", 7), 2), (("b", 7), 3), (("b", 7), 2)]
    first = [value for (topic, _), batch in packed if topic == "a" for _, value in batch]
    assert first == [b"v%d" % n for n in range(0, 10, 2)]


def test_a_message_that_names_its_partition_goes_there() -> None:
    messages = [Message("a", b"k", b"%d" % n, partition) for n, partition in enumerate([None, 0, 2, None, 0])]
    packed = {to: [value for _, value in batch] for to, batch in batches(Producer(), 2, messages)}
    assert packed == {("a", 0): [b"1", b"4"], ("a", 2): [b"0", b"2", b"3"]}


def test_nothing_makes_no_batch() -> None:
    assert list(batches(Producer(), 0, [])) == []


def read(topics: Topics, topic: str) -> list[list[tuple[bytes | None, bytes | None]]]:
    """By partition, what is in a topic."""
    found: list[list[tuple[bytes | None, bytes | None]]] = [[] for _ in range(topics.partitions)]
    for partition, key, value in topics.read(topic):
        found[partition].append((key, value))
    return found


def some(topic: str, count: int, size: int = 10) -> Sequence[Message]:
    return [Message(topic, b"k%d" % n, b"%d" % n + b" " * size) for n in range(count)]


def test_messages_arrive_whole_and_in_order_on_their_partition(kafka: str) -> None:
    topics = Topics(kafka, 1, 3)
    one, two = topics.output, topics.inputs[0]

    async def main() -> None:
        outputs = KafkaOutputs([kafka], [one, two], partitions=3)
        await outputs.start()
        try:
            await outputs.publish(0, [])
            await asyncio.gather(
                outputs.publish(1, [*some(one, 3000, size=300), *some(two, 5)]),  # several batches
                outputs.publish(2, some(one, 1, size=600_000)),  # larger than a batch
            )
        finally:
            await outputs.stop()

    asyncio.run(main())
    assert [len(partition) for partition in read(topics, one)] == [0, 3000, 1]
    assert read(topics, one)[1] == [(message.key, message.value) for message in some(one, 3000, size=300)]
    assert [len(partition) for partition in read(topics, two)] == [0, 5, 0]


def test_topics_that_do_not_fit_stop_the_start(kafka: str) -> None:
    topics = Topics(kafka, 1, 3)

    async def start(*names: str, partitions: int) -> None:
        await KafkaOutputs([kafka], names, partitions=partitions).start()

    with pytest.raises(OutputsError, match=r"no such output topic: nowhere\. Create the topics first"):
        asyncio.run(start(topics.output, "nowhere", partitions=3))
    with pytest.raises(OutputsError, match=f"{topics.output} has 3 partitions, but the inputs have 4"):
        asyncio.run(start(topics.output, partitions=4))


def test_a_failure_is_told(kafka: str) -> None:
    topics = Topics(kafka, 1, 1)
    messages = some(topics.output, 100)

    async def main() -> None:
        outputs = KafkaOutputs([kafka], [topics.output])
        with pytest.raises(PublishError, match="not started"):
            await outputs.publish(0, messages)
        await outputs.start()
        try:
            with pytest.raises(PublishError, match="Unrecognized partition"):
                await outputs.publish(1, messages)
            with pytest.raises(PublishError, match="MessageSizeTooLarge"):
                await outputs.publish(0, [*messages, Message(topics.output, b"k", b"v" * 2_000_000)])
            await outputs.publish(0, messages)
        finally:
            await outputs.stop()

    asyncio.run(main())
    assert read(topics, topics.output)[0][-100:] == [(message.key, message.value) for message in messages]


def test_a_broker_that_is_away_is_waited_for(own_kafka: LocalKafka, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_outputs, "STOP_WITHIN", 0.5)
    topics = Topics(own_kafka.bootstrap, 1, 1)
    messages = some(topics.output, 100)

    async def main() -> None:
        outputs = KafkaOutputs([own_kafka.bootstrap], [topics.output])
        await outputs.start()
        await outputs.publish(0, messages)
        await asyncio.to_thread(own_kafka.stop)
        publishing = asyncio.create_task(outputs.publish(0, messages))
        await asyncio.wait({publishing}, timeout=0.5)
        assert not publishing.done()
        await asyncio.to_thread(own_kafka.start)
        await publishing
        assert read(topics, topics.output)[0] == 2 * [(message.key, message.value) for message in messages]
        await asyncio.to_thread(own_kafka.stop)
        publishing = asyncio.create_task(outputs.publish(0, messages))
        await asyncio.wait({publishing}, timeout=0.2)
        publishing.cancel()  # as a release does that waited long enough
        async with asyncio.timeout(5):
            await outputs.stop()

    asyncio.run(main())


def test_security_is_passed_to_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}

    class Refuses:
        def __init__(self, **options: Any) -> None:
            given.update(options)

        async def start(self) -> None:
            raise ConnectionError("enough")

        async def stop(self) -> None:
            given["stopped"] = True

    monkeypatch.setattr(kafka_outputs, "AIOKafkaProducer", Refuses)
    security = {"security_protocol": "SASL_SSL", "ssl_context": ssl.create_default_context(), "sasl_mechanism": "PLAIN"}
    with pytest.raises(ConnectionError):
        asyncio.run(KafkaOutputs(["broker:9093"], [], security=security).start())
    assert security.items() <= given.items()
    assert given["bootstrap_servers"] == ["broker:9093"]
    assert given["acks"] == "all"
    assert given["enable_idempotence"] is True
    assert given["stopped"]
