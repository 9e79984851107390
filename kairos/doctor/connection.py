"""Kafka, reached within seconds, or the reason why not: the client keeps trying and tells it to its log alone."""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from kafka import KafkaConsumer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from kairos.config.settings import Settings

WITHIN_MS = 5_000
TELLING = re.compile(r"authentication failed: .*|certificate verify failed.*?(?= \(_ssl)", re.IGNORECASE)
"""What of the client's log says more than that it timed out."""


class Unreachable(Exception):
    """The message says why."""


class _Reasons(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found = ""

    def emit(self, record: logging.LogRecord) -> None:
        if match := TELLING.search(record.getMessage()):
            self.found = match[0]


@contextmanager
def _listening() -> Iterator[_Reasons]:
    """What the client logs is heard, and not shown."""
    logger, reasons = logging.getLogger("kafka"), _Reasons()
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(reasons)
    try:
        yield reasons
    finally:
        logger.removeHandler(reasons)
        logger.propagate = propagate


def _anybody(brokers: Sequence[str]) -> None:
    """Whether anything listens at one of these addresses. Unreachable if not, at once."""
    refused = []
    for broker in brokers:
        host, _, port = broker.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=WITHIN_MS / 1000).close()
            return
        except OSError as error:
            refused.append(f"{broker}: {error.strerror or error}")
    raise Unreachable("; ".join(refused))


@contextmanager
def connected(settings: Settings) -> Iterator[tuple[Any, KafkaConsumer]]:
    """The admin client and a consumer of no group. Unreachable if no broker lets us in."""
    common = {
        "bootstrap_servers": list(settings.brokers),
        "bootstrap_timeout_ms": WITHIN_MS,
        **settings.security.client(),
    }
    _anybody(settings.brokers)
    with _listening() as reasons:
        try:
            admin = KafkaAdminClient(**common)
        except KafkaError as error:
            said = reasons.found or str(error) or type(error).__name__
            raise Unreachable(f"{','.join(settings.brokers)}: {said}") from None
        try:
            consumer = KafkaConsumer(group_id=None, enable_auto_commit=False, allow_auto_create_topics=False, **common)
            try:
                yield admin, consumer
            finally:
                consumer.close()
        finally:
            admin.close()
