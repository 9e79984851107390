"""What the workers said, once all of it is in Kafka.

A shard publishes a batch after it has committed it: the counters in Redis may be ahead of the topics, by one batch.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec

from kairos.config.settings import Settings
from kairos.errors import ReplayError
from kairos.kafka.consume import read
from kairos.replay.dump import PublishedOutput, identity

WITHIN = 30.0
"""Seconds the last batches may take. An acknowledgement takes milliseconds, a new broker connection some seconds."""
POLL = 0.25


def published(settings: Settings, counted: Mapping[str, Counter[str]]) -> list[PublishedOutput]:
    """All messages of the output topics, from their beginning to an end that has whatever was counted.

    Parameters
    ----------
    counted
        By role, how many of each kind the shards have committed (see `sinks.summary.Summary.outputs`).

    Raises
    ------
    ReplayError
        Some are still missing after `WITHIN` seconds.
    """
    found: dict[str, list[PublishedOutput]] = {}
    deadline = time.monotonic() + WITHIN
    waited = {role: counted.get(role, Counter()).total() for role in settings.outputs}
    while True:
        found |= {role: list(_read(settings, role)) for role in waited}
        waited = {role: count for role, count in waited.items() if _distinct(found[role]) < count}
        if not waited:
            return [said for role in settings.outputs for said in found[role]]
        if time.monotonic() >= deadline:
            raise ReplayError(_missing({role: (_distinct(found[role]), count) for role, count in waited.items()}))
        time.sleep(POLL)


def _read(settings: Settings, role: str) -> Iterator[PublishedOutput]:
    for record in read(settings, settings.outputs[role]):
        if record.value is not None:
            yield PublishedOutput(role, record.key, record.value)


def _distinct(said: list[PublishedOutput]) -> int:
    return len({identity(role, msgspec.json.decode(value)) for role, _, value in said})


def _missing(roles: Mapping[str, tuple[int, int]]) -> str:
    shown = ", ".join(f"{role} {there:,} of {counted:,}" for role, (there, counted) in roles.items())
    return (
        f"--dump: not all outputs that were counted are in Kafka after {WITHIN:g} s: {shown}. Workers publish a batch "
        "once it is committed: is one running, and does Kafka take its records? What retention or compaction has "
        "removed does not come back: dump the --local replay instead"
    )
