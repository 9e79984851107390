"""`kairos doctor`: all checks, in the order in which one depends on another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import msgspec
from kafka import KafkaConsumer
from kafka.errors import KafkaError
from rich.console import Console

from kairos import wiring
from kairos.config.settings import Settings
from kairos.doctor import kafka_topics, progress, redis_server, sample
from kairos.doctor.check import Check, problem
from kairos.doctor.connection import Unreachable, connected
from kairos.errors import CommandError, TopicError
from kairos.kafka import topics
from kairos.terminal.lines import say, say_json
from sinks.redis_reader import RedisReader
from sinks.store import StoreError

SIGNS = {"ok": "ok      ", "warning": "warning ", "problem": "PROBLEM "}
TIMEOUT = 3.0
"""Seconds Redis may take for an answer."""


def checks(settings: Settings) -> Iterator[Check]:
    """Look at everything. Raises nothing that a server could be the cause of."""
    with ExitStack() as stack:
        reader = None
        if settings.redis_url:
            client = stack.enter_context(
                wiring.client(settings.redis_url, settings.redis_tls, timeout=TIMEOUT, attempts=0)
            )
            found = list(redis_server.checks(client, settings.namespace))
            yield from found
            if found[0].status == "ok":
                reader = RedisReader(client, settings.namespace)
        else:
            yield problem("redis", "REDIS_URL is not set", "set it to redis://host:6379/0")
        if settings.brokers:
            yield from _kafka(settings, reader)
        else:
            yield problem("kafka", "KAFKA_URL is not set", "set it to host:port of a broker")


def _kafka(settings: Settings, reader: RedisReader | None) -> Iterator[Check]:
    try:
        with connected(settings) as (admin, consumer):
            brokers = len(admin.describe_cluster()["brokers"])
            yield Check("kafka", "ok", f"answers at {','.join(settings.brokers)}")
            found = topics.described(admin, settings)
            yield from kafka_topics.checks(settings, found, brokers)
            inputs = [topic for topic in found if topic.partitions and topic.name not in settings.outputs.values()]
            names, partitions = [topic.name for topic in inputs], max([topic.partitions for topic in inputs], default=0)
            yield from _records(settings, consumer, names)
            yield progress.group(admin, settings, partitions)
            if reader is not None and partitions:
                yield from _state(reader, consumer, names, partitions)
    except Unreachable as error:
        yield problem("kafka", str(error), "is it running, and KAFKA_URL and KAFKA_* right?")
    except KafkaError as error:
        advice = "docs/operations.md lists the rights that are needed"
        yield problem("kafka", f"refused: {str(error) or type(error).__name__}", advice)


def _records(settings: Settings, consumer: KafkaConsumer, names: list[str]) -> Iterator[Check]:
    try:
        yield from sample.checks(settings, sample.newest(consumer, settings, names))
    except TopicError as error:
        yield problem("records", str(error), "docs/operations.md says what to do: a worker waits at such a batch")


def _state(reader: RedisReader, consumer: KafkaConsumer, names: list[str], partitions: int) -> Iterator[Check]:
    try:
        yield progress.recorded(reader, partitions)
        yield progress.forwards(reader)
        yield from progress.offsets(consumer, reader, names)
    except StoreError as error:
        yield problem("offsets", str(error), "give the user the rights that docs/redis-keys.md lists")


def run(settings: Settings, console: Console, *, as_json: bool = False) -> None:
    """Print each check as it is made. CommandError (exit code 1) if there is a problem."""
    made = []
    for check in checks(settings):
        made.append(check)
        if not as_json:
            say(console, f"{SIGNS[check.status]} {check.name:<15} {check.said}")
            if check.advice:
                say(console, f"{'':>25}-> {check.advice}")
    problems = sum(check.status == "problem" for check in made)
    if as_json:
        say_json(msgspec.json.encode({"ok": not problems, "checks": made}))
    if problems:
        raise CommandError(f"{problems} {'problem' if problems == 1 else 'problems'}")
