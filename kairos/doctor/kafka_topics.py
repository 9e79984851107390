"""The topics: there, of equal partitions, kept long enough, timed by whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kairos.config.settings import Settings
from kairos.doctor.check import Check, ok, problem, warning
from kairos.errors import TopicError
from kairos.kafka.topics import Topic, refuse
from models.kernel.settings import DAY

SHORT = DAY
"""Inputs that are kept for less than this (ms) are worth a word."""


def checks(settings: Settings, topics: Sequence[Topic], brokers: int) -> Iterator[Check]:
    """Every check of the topics as they are; `brokers` is how many Kafka has."""
    try:
        refuse(settings, list(topics))
    except TopicError as error:
        yield problem("topics", str(error), "a worker does not start like this")
    else:
        yield _alike(settings, topics)
    inputs = [topic for topic in topics if topic.partitions and topic.name not in settings.outputs.values()]
    if inputs:
        yield _cleanup(inputs)
        yield _retention(inputs)
        yield _timestamps(inputs)
    yield _copies([topic for topic in topics if topic.partitions], brokers)


def _alike(settings: Settings, topics: Sequence[Topic]) -> Check:
    inputs = next(topic.partitions for topic in topics if topic.name not in settings.outputs.values())
    more = [f"{topic.name} {topic.partitions}" for topic in topics if topic.partitions > inputs]
    if more:
        advice = "harmless, but consumers of these find nothing in the partitions beyond"
        return warning("topics", f"more partitions than the inputs' {inputs}: {', '.join(more)}", advice)
    return ok("topics", f"{len(topics)} topics of {inputs} partitions each")


def _cleanup(inputs: Sequence[Topic]) -> Check:
    compacted = [topic.name for topic in inputs if "compact" in topic.configs.get("cleanup.policy", "")]
    if compacted:
        advice = "set cleanup.policy=delete: compaction keeps one event of a shopper and forgets the others"
        return problem("compaction", f"inputs are compacted: {', '.join(compacted)}", advice)
    return ok("compaction", "no input is compacted")


def _retention(inputs: Sequence[Topic]) -> Check:
    kept = {topic.name: int(topic.configs.get("retention.ms", "-1")) for topic in inputs}
    short = [f"{name} {ms / DAY:g} d" for name, ms in kept.items() if 0 <= ms < SHORT]
    if short:
        advice = (
            "raise retention.ms: what a worker is away for longer is lost, and so is what a backup of Redis is older"
        )
        return warning("retention", f"inputs are kept for less than a day: {', '.join(short)}", advice)
    return ok(
        "retention", ", ".join(f"{name} {f'{ms / DAY:g} d' if ms >= 0 else 'for ever'}" for name, ms in kept.items())
    )


def _timestamps(inputs: Sequence[Topic]) -> Check:
    kinds = {topic.name: topic.configs.get("message.timestamp.type", "?") for topic in inputs}
    if len(set(kinds.values())) > 1:
        said = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
        advice = "set message.timestamp.type alike: what is dated ahead of its record is judged by one clock then"
        return warning("timestamps", f"inputs differ: {said}", advice)
    kind = next(iter(kinds.values()))
    return ok("timestamps", f"{kind}: by {'the broker' if kind == 'LogAppendTime' else 'who produces'}")


def _copies(topics: Sequence[Topic], brokers: int) -> Check:
    single = [topic.name for topic in topics if topic.replicas == 1]
    if brokers > 1 and single:
        advice = "add replicas (kafka-reassign-partitions): with one broker gone, their shards stand still"
        return warning("replication", f"{brokers} brokers, but one copy only: {', '.join(single)}", advice)
    return ok("replication", f"{brokers} {'broker' if brokers == 1 else 'brokers'}")
