"""Messages that an endpoint did not take, on their way to it once more: into their topic, for that endpoint alone.

They pass the same checks as any message: what expired meanwhile, or was taken back, is not sent.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from aiokafka.errors import KafkaError

from kairos.config.settings import Settings
from kairos.errors import TopicError, no_kafka
from models.kernel.outputs import UNDELIVERABLE, DeadLetter
from sinks.kafka_outputs import KafkaOutputs
from sinks.outputs import Message, OutputsError, PublishError
from sinks.webhooks.letters import ONLY


def returns(letter: DeadLetter) -> bool:
    """Whether a letter is such a message."""
    return letter.code == UNDELIVERABLE


def endpoints(letters: Iterable[DeadLetter]) -> Iterator[tuple[str, int]]:
    """How many go to each endpoint."""
    yield from sorted(Counter(letter.endpoint for letter in letters).items())


def message(letter: DeadLetter) -> Message:
    """The record to be written: the message as it was, in its partition, with the endpoint's name in a header."""
    return Message(letter.topic, letter.key, letter.value or b"", letter.partition, ((ONLY, letter.endpoint.encode()),))


def send(settings: Settings, letters: Sequence[DeadLetter]) -> None:
    """Write them. TopicError if Kafka does not take them."""
    asyncio.run(_send(settings, letters))


async def _send(settings: Settings, letters: Sequence[DeadLetter]) -> None:
    topics = {letter.topic for letter in letters}
    outputs = KafkaOutputs(settings.brokers, topics, security=settings.security.client())
    try:
        await outputs.start()
        try:
            await outputs.publish(0, [message(letter) for letter in letters])
        finally:
            await outputs.stop()
    except KafkaError as error:
        raise TopicError(no_kafka(settings.brokers, error)) from None
    except (OutputsError, PublishError) as error:
        raise TopicError(str(error)) from None
