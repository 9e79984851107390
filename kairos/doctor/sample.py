"""The newest records of the inputs: do they lie where the partitioner says, and can they be read?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from kafka import KafkaConsumer, TopicPartition

from kairos.config.settings import Settings
from kairos.doctor.check import Check, ok, problem, warning
from kairos.kafka.consume import polled
from kairos.terminal.times import now
from models.decoding.decoder import Decoder
from models.kernel.events import Tick, Unrecognised
from models.kernel.partition import PARTITIONERS
from models.kernel.settings import MINUTE
from sinks.summary import TOLD
from streams.arrival import arrival
from streams.forwarding import origin

EACH = 50
"""Records that are looked at, of each partition of each input."""
ENOUGH = 0.99
"""Share of records that must lie where a partitioner says, for it to be theirs."""
MANY = 0.05
"""Share of records that are no good, or dated ahead, which is worth a word."""
AFTER_FORWARDS = "; where records were forwarded already, let the producers use ours, or begin another KAIROS_NAMESPACE"


class Seen(NamedTuple):
    """A record: where it lies, its shopper ("" if unknown), and what reading it showed. `unknown` is the name of its
    event where that is not known, else ""."""

    partition: int
    partitions: int
    shopper: str
    key: bytes | None
    rejected: str
    clamped: bool
    notes: tuple[str, ...]
    unknown: str


def newest(client: KafkaConsumer, settings: Settings, topics: Iterable[str]) -> list[Seen]:
    """The newest records of these topics, but ticks and what workers forwarded. Raises KafkaError, and TopicError where
    a batch cannot be decoded."""
    reader, clock = Decoder(settings.shop), now()
    seen = []
    for topic in topics:
        numbers = sorted(client.partitions_for_topic(topic) or ())
        for record in _last(client, [TopicPartition(topic, number) for number in numbers]):
            reading = reader.read(record.value, arrival(record.timestamp, clock))
            if type(reading.event) is not Tick and origin(record.headers) is None:
                code = reading.rejected.code if reading.rejected else ""
                where = record.partition, len(numbers)
                unknown = reading.event.name if isinstance(reading.event, Unrecognised) else ""
                who = reading.shopper, record.key
                seen.append(Seen(*where, *who, code, reading.clamped, reading.notes, unknown))
    return seen


def _last(client: KafkaConsumer, partitions: Sequence[TopicPartition]) -> Iterator[Any]:
    client.assign(partitions)
    ends, starts = client.end_offsets(partitions), client.beginning_offsets(partitions)
    for partition in partitions:
        client.seek(partition, max(starts[partition], ends[partition] - EACH))
    while any(client.position(partition) < ends[partition] for partition in partitions):
        for records in polled(client).values():
            yield from records


def checks(settings: Settings, seen: Sequence[Seen]) -> Iterator[Check]:
    """What the records show."""
    if not seen:
        yield ok("records", "none yet to look at")
        return
    yield _partitioner(settings, [one for one in seen if one.shopper and one.partitions > 1])
    yield _keys([one for one in seen if one.shopper])
    yield _readable(seen)
    yield _tidy(seen)
    yield _named(seen)
    yield _dated(settings, seen)


def _partitioner(settings: Settings, seen: Sequence[Seen]) -> Check:
    ours = settings.shop.partitioner
    if not seen:
        return ok("partitioner", f"{ours}; no record to compare with")
    right = {
        name: sum(where(one.shopper.encode(), one.partitions) == one.partition for one in seen) / len(seen)
        for name, where in PARTITIONERS.items()
    }
    said = f"{right[ours]:.0%} of {len(seen)} records lie where {ours} says"
    if right[ours] >= ENOUGH:
        return ok("partitioner", said)
    forwarded = settings.shop.misrouted == "forward"
    other = next((name for name, share in right.items() if share >= ENOUGH), None)
    if other:
        advice = f"set KAIROS_PARTITIONER={other}" + AFTER_FORWARDS * forwarded
        return problem("partitioner", f"{said}, {right[other]:.0%} where {other} does", advice)
    advice = "the key must be the shopper's id, by one partitioner; partitions must never have been added to a topic"
    if forwarded:
        return warning("partitioner", f"{said}; others are forwarded to there, which costs a second trip", advice)
    return problem("partitioner", f"{said}; others are dead letters `misrouted`", advice)


def _keys(seen: Sequence[Seen]) -> Check:
    other = sum(one.key != one.shopper.encode() for one in seen)
    if other:
        advice = "let producers use userId, else anonymousId, as the key"
        return warning("keys", f"{other} of {len(seen)} records have another key than their shopper's id", advice)
    return ok("keys", f"{len(seen)} records have their shopper's id as the key")


def _readable(seen: Sequence[Seen]) -> Check:
    codes = Counter(one.rejected for one in seen if one.rejected)
    said = f"{sum(codes.values())} of {len(seen)} records would be dead letters"
    if sum(codes.values()) > MANY * len(seen):
        listed = ", ".join(f"{code} {count}" for code, count in codes.most_common())
        return warning(
            "contract", f"{said}: {listed}", "docs/contract.md says what each means; `kairos dlq list` shows them"
        )
    return ok("contract", said)


def _tidy(seen: Sequence[Seen]) -> Check:
    """Fields that are not as the contract has them: what was ignored is lost."""
    notes = Counter(note for one in seen for note in one.notes)
    listed = ", ".join(f"{note} {count}" for note, count in notes.most_common(TOLD))
    if any(note.startswith("ignored:") for note in notes):
        return warning(
            "fields", f"some are wrong: {listed}", "docs/contract.md says what is read instead; mend the producer"
        )
    return ok("fields", f"read though of another type: {listed}" if notes else "all as the contract has them")


def _named(seen: Sequence[Seen]) -> Check:
    """Names that nobody understands: one of them may be a purchase."""
    names = Counter(one.unknown for one in seen if one.unknown)
    if not names:
        return ok("names", "all known")
    listed = ", ".join(f"{name} {count}" for name, count in names.most_common(TOLD))
    advice = "if one is a purchase or a cart event, KAIROS_NAMES tells what it means (docs/feeds.md)"
    return warning("names", f"{sum(names.values())} of {len(seen)} records are of unknown names: {listed}", advice)


def _dated(settings: Settings, seen: Sequence[Seen]) -> Check:
    ahead = sum(one.clamped for one in seen)
    skew = settings.shop.limits.max_skew / MINUTE
    said = f"{ahead} of {len(seen)} records are dated more than {skew:g} min after Kafka had them"
    if ahead > MANY * len(seen):
        return warning(
            "event time", said, "set the clocks of shop and producers by NTP; such events count as of their arrival"
        )
    return ok("event time", said)
