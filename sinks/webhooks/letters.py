"""What cannot be delivered becomes a dead letter, from which it can be sent to its endpoint again."""

from __future__ import annotations

from models.kernel.ids import digest
from models.kernel.outputs import DEAD_LETTERS, UNDELIVERABLE, DeadLetter
from sinks.webhooks.message import Entry

ONLY = "kairos-endpoint"
"""Header of a record of an output topic that is for one endpoint alone."""


def letter(entry: Entry, endpoint: str, topic: str) -> DeadLetter:
    """The dead letter of a message; the same again if it is made twice.

    Parameters
    ----------
    entry
        The message.
    endpoint
        Who did not take it, by name.
    topic
        The name of its topic on the broker.
    """
    head = entry.head
    tries = f"{entry.attempts} attempt{'s' * (entry.attempts != 1)}"
    return DeadLetter(
        id=digest(DEAD_LETTERS, UNDELIVERABLE, endpoint, head.id, entry.place.partition, entry.offset),
        kind="dead_letter",
        user_id=head.user_id,
        as_of=head.as_of,
        reason=f"{endpoint}: {entry.why}; {tries}",
        code=UNDELIVERABLE,
        role=entry.place.topic,
        topic=topic,
        partition=entry.place.partition,
        offset=entry.offset,
        key=entry.key,
        value=entry.value,
        size=len(entry.value),
        endpoint=endpoint,
        attempts=entry.attempts,
        status=entry.status,
    )
