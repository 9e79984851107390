"""How far the workers are: the group, and Redis' offsets against what the logs still hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from kairos.config.settings import Settings
from kairos.doctor.check import Check, ok, problem, warning
from sinks.read_model import summary
from sinks.redis_reader import RedisReader


def group(admin: Any, settings: Settings, partitions: int) -> Check:
    """The consumer group."""
    try:
        found = admin.describe_groups([settings.group]).get(settings.group, {})
    except KafkaError as error:  # a new cluster has no coordinator before its first group
        said = f"{settings.group}: cannot be looked at: {str(error) or type(error).__name__}"
        return warning(
            "group", said, "start a worker, look again; if it goes on, the user needs `describe` on the group"
        )
    state, members = str(found.get("group_state", "?")), len(found.get("members") or ())
    said = f"{settings.group}: {state}, {members} {'member' if members == 1 else 'members'}"
    if state in {"Dead", "Empty", "?"} or not members:
        return warning("group", f"{said}: no worker runs", "start one: `kairos worker`")
    if state != "Stable":
        return warning(
            "group", f"{said}: shards are being given out", "look again; if it goes on, a worker's log says why"
        )
    if members > partitions:
        advice = f"{members - partitions} of them stand by: partitions are the upper bound"
        return warning("group", f"{said} for {partitions} partitions", advice)
    return ok("group", said)


def recorded(reader: RedisReader, partitions: int) -> Check:
    """The number of shards that Redis has state of. Raises StoreError."""
    stored = reader.partitions()
    if stored and stored != partitions:
        advice = "make topics of the old number, or replay into another KAIROS_NAMESPACE; shoppers are torn apart else"
        return problem("shards", f"Redis holds state of {stored} partitions, the inputs have {partitions}", advice)
    return ok("shards", f"{stored} as recorded in Redis" if stored else "none recorded yet")


def forwards(reader: RedisReader) -> Check:
    """How many records had to be sent on to their shopper's partition. Raises StoreError."""
    counts = summary(reader).counts
    forwarded, copies = counts["forwarded"], counts["forward_repeats"]
    if not forwarded:
        return ok("forwarded", "no record had to be sent on to its shopper's partition")
    share = forwarded / (forwarded + counts["events"] - counts["forward_taken"])
    said = f"{forwarded:,} records ({share:.0%}) were sent on to their shopper's partition, {copies:,} copies dropped"
    return ok("forwarded", said)


def offsets(client: KafkaConsumer, reader: RedisReader, topics: Sequence[str]) -> Iterator[Check]:
    """Whether each log still has what comes next, and how much is left. Raises KafkaError, StoreError."""
    lost, ahead, lag = [], [], 0
    stored = [reader.offsets(partition) for partition in range(reader.partitions())]
    for topic in topics:
        there = [TopicPartition(topic, p) for p in sorted(client.partitions_for_topic(topic) or ()) if p < len(stored)]
        starts, ends = client.beginning_offsets(there), client.end_offsets(there)
        for where in there:
            following = stored[where.partition].get(topic, starts[where])
            lag += max(0, ends[where] - following)
            name = f"{topic}[{where.partition}]"
            if following < starts[where]:
                lost.append(f"{name} {starts[where] - following}")
            elif following > ends[where]:
                ahead.append(f"{name} {following} of {ends[where]}")
    if lost:
        advice = "retention is shorter than workers were away: KAIROS_ON_GAP=skip goes on without them"
        yield problem("offsets", f"records were deleted before they were read: {', '.join(lost)}", advice)
    if ahead:
        advice = "was the topic made anew? Use another KAIROS_NAMESPACE, and read everything again"
        yield problem("offsets", f"Redis has read further than the logs go: {', '.join(ahead)}", advice)
    if not lost and not ahead:
        yield ok("offsets", f"{lag:,} records are not folded yet")
