"""Who ceased to hold a tag since a time, from the messages of `user-tags`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import TracebackType

import msgspec
from kafka.errors import KafkaError
from msgspec import Struct

from kairos.config.settings import Settings
from kairos.errors import TopicError, no_kafka
from kairos.kafka.consume import consumer, partitions, to_end
from kairos.kafka.topics import kept
from kairos.terminal.lines import NO_JSON
from kairos.terminal.times import iso, now
from models.kernel.outputs import USER_TAGS
from models.kernel.settings import DAY
from sinks.shard_state import ShardState
from sinks.store import ReadModel
from streams import outbox

SLACK = DAY
"""How much earlier (ms) than its event time a message may have been sent, by Kafka's timestamps: an event that claims
to be from the future is taken back to its own timestamp, and clocks differ."""


class _Said(Struct, frozen=True):
    kind: str = ""
    tag: str = ""
    user_id: str | None = None
    as_of: int = 0


_decode = msgspec.json.Decoder(_Said).decode


class Exits:
    """Called with a shard, it says who ceased to hold the tag, and when last (event time, ms); needs Kafka.

    Parameters
    ----------
    tag, since
        Of which tag, from which event time on (ms).

    Raises
    ------
    TopicError
        Kafka does not answer, or no longer has all messages since then.
    """

    def __init__(self, settings: Settings, reader: ReadModel, tag: str, since: int) -> None:
        self._topic = settings.outputs[USER_TAGS]
        self._brokers = settings.brokers
        self._reader, self._tag, self._since = reader, tag, since
        self._client = consumer(settings)
        self._partitions = partitions(self._client, self._topic)
        self._kept = kept(settings, self._topic, now())

    def __enter__(self) -> Exits:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def __call__(self, shard: int) -> dict[str, int]:
        # The outbox first: what it no longer has is in Kafka.
        pending = [m.value for m in outbox.unpack(self._reader.outbox(shard)) if m.topic == self._topic]
        try:
            return last_exits([*self._published(shard), *pending], self._tag, self._since)
        except KafkaError as error:
            raise TopicError(no_kafka(self._brokers, error)) from None

    def _published(self, shard: int) -> Iterator[bytes]:
        partition, early = self._partitions[shard], max(self._since - SLACK, 0)
        deleted = self._kept.compacted or self._client.beginning_offsets([partition])[partition]
        if deleted and early < self._kept.since:
            raise TopicError(
                f"{self._topic} may no longer have all that was said since {iso(self._since)}, only since "
                f"{iso(self._kept.since + SLACK)}: take the full list"
            )
        if ShardState.decode(self._reader.shard(shard)).watermark <= now():
            found = self._client.offsets_for_times({partition: early})[partition]
            if found is None:
                return
            start = found.offset
        else:  # a history of the future: when its messages were sent says nothing of their event time
            start = 0
        for record in to_end(self._client, partition, start):
            yield record.value


def last_exits(messages: Iterable[bytes | None], tag: str, since: int) -> dict[str, int]:
    """Of messages of `user-tags`, in any order: who exited a tag since then, and when last. Others are passed over.

    >>> said = b'{"kind":"exited","tag":"bot","user_id":"u1","as_of":7}'
    >>> last_exits([said, b"no JSON", None], "bot", 7), last_exits([said], "bot", 8), last_exits([said], "bots", 7)
    ({'u1': 7}, {}, {})
    """
    found: dict[str, int] = {}
    for value in messages:
        try:
            said = _decode(value or b"")
        except NO_JSON:
            continue
        if said.kind == "exited" and said.tag == tag and said.user_id is not None and said.as_of >= since:
            found[said.user_id] = max(said.as_of, found.get(said.user_id, 0))
    return found
