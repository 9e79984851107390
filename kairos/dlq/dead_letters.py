"""The dead letters in Kafka, each once."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from kafka.errors import KafkaError

from kairos.config.settings import Settings
from kairos.errors import TopicError, no_kafka
from kairos.kafka.consume import read
from kairos.terminal.lines import NO_JSON
from models.kernel.events import ROLES
from models.kernel.outputs import DEAD_LETTERS, UNDELIVERABLE, DeadLetter

LATEST = 253_402_300_800_000
"""The year 10000, in ms: event time never gets there."""

_decode = msgspec.json.Decoder(DeadLetter).decode


def dead_letters(settings: Settings) -> Iterator[DeadLetter]:
    """Every dead letter of the output topic as it is now, partition by partition. Whatever else is in the topic is
    passed over, and so are repeats: what has the same id and the same origin. (The id alone is not enough: the same
    bytes without a key in two partitions share one.)

    Raises
    ------
    TopicError
        There is no such topic, or Kafka does not answer.
    """
    seen: set[tuple[str, str, int, int]] = set()
    try:
        for record in read(settings, settings.outputs[DEAD_LETTERS]):
            letter = _read(record.value)
            if letter is not None and (origin := _origin(letter)) not in seen:
                seen.add(origin)
                yield letter
    except KafkaError as error:
        raise TopicError(no_kafka(settings.brokers, error)) from None


def _read(value: bytes | None) -> DeadLetter | None:
    try:
        letter = None if value is None else _decode(value)
    except NO_JSON:
        return None
    if letter is None or not 0 <= letter.as_of < LATEST:
        return None
    return letter if letter.role in ROLES or letter.code == UNDELIVERABLE else None


def _origin(letter: DeadLetter) -> tuple[str, str, int, int]:
    return letter.id, letter.topic, letter.partition, letter.offset


def truncated(letter: DeadLetter) -> bool:
    """Whether the letter holds but the beginning of its record."""
    return letter.size > len(letter.value or b"")


def shopper(letter: DeadLetter) -> str:
    """Whose it is: by its content, else by its key; "" if neither says so."""
    if letter.user_id is not None:
        return letter.user_id
    return (letter.key or b"").decode(errors="backslashreplace")
