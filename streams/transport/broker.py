"""A broker inside the process: named logs of records, enough of Kafka for the embedded default and for tests."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from sinks.outputs import Header, Message


class MemoryRecord(Struct, gc=False):
    """One record; `timestamp` in ms."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header] = ()


class Log:
    """One partition: records from `start` on, the next one at `end`."""

    def __init__(self, committed: int | None = None) -> None:
        self.start = 0
        self.committed = committed  # by the group; None: the group does not read this
        self._records: list[MemoryRecord] = []
        self._lock = threading.Lock()

    @property
    def end(self) -> int:
        """Offset the next record will get."""
        return self.start + len(self._records)

    def append(self, key: bytes | None, value: bytes | None, timestamp: int, headers: Sequence[Header] = ()) -> int:
        """Answer the record's offset."""
        with self._lock:
            offset = self.end
            self._records.append(MemoryRecord(offset, timestamp, key, value, headers))
            return offset

    def read(self, offset: int, limit: int) -> list[MemoryRecord]:
        """Up to `limit` records from `offset` on (from the start, if that is later)."""
        with self._lock:
            begin = max(offset - self.start, 0)
            return self._records[begin : begin + limit]

    def trim(self, before: int) -> None:
        """Forget records below an offset."""
        with self._lock:
            gone = min(before - self.start, len(self._records))
            if gone > 0:
                del self._records[:gone]
                self.start += gone


class MemoryBroker:
    """Topics with partitions. Any thread may append; one app reads as the group.

    Parameters
    ----------
    inputs, outputs
        Topics; the group reads the inputs.
    partitions
        Of each topic.
    keep
        A partition forgets all but about this many records, of an input only those it has committed. None: keep all.
    """

    def __init__(
        self, inputs: Iterable[str], outputs: Iterable[str] = (), *, partitions: int, keep: int | None = None
    ) -> None:
        self.logs = {topic: [Log(committed=0) for _ in range(partitions)] for topic in inputs}
        self.logs |= {topic: [Log() for _ in range(partitions)] for topic in outputs}
        self.keep = keep
        self._waiting: list[Callable[[], object]] = []

    def log(self, topic: str, partition: int) -> Log:
        """One partition; KeyError or IndexError if there is none."""
        return self.logs[topic][partition]

    def append(
        self,
        topic: str,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        timestamp: int | None = None,
        headers: Sequence[Header] = (),
    ) -> int:
        """Append a record, answer its offset. `timestamp` in ms, default now."""
        log = self.logs[topic][partition]
        offset = log.append(key, value, int(time.time() * 1000) if timestamp is None else timestamp, headers)
        if self.keep is not None and log.end - log.start > 2 * self.keep:
            log.trim(min(log.end - self.keep, log.end if log.committed is None else log.committed))
        while self._waiting:
            self._waiting.pop()()
        return offset

    def lag(self, topics: Sequence[str]) -> int:
        """Records of these topics that the group has not yet applied and published."""
        return sum(log.end - (log.committed or 0) for topic in topics for log in self.logs[topic])

    async def arrival(self, within: float) -> None:
        """Wait for the next record of any topic, at most `within` seconds."""
        loop, arrived = asyncio.get_running_loop(), asyncio.Event()
        self._waiting.append(lambda: loop.call_soon_threadsafe(arrived.set))
        try:
            async with asyncio.timeout(within):
                await arrived.wait()
        except TimeoutError:
            return


class BrokerOutputs:
    """Outputs that go to topics of a `MemoryBroker`; implements `sinks.outputs.Outputs`."""

    def __init__(self, broker: MemoryBroker) -> None:
        self.broker = broker

    async def publish(self, partition: int, messages: Sequence[Message]) -> None:
        """Append all; acknowledged at once."""
        for message in messages:
            to = partition if message.partition is None else message.partition
            self.broker.append(message.topic, to, message.key, message.value, headers=message.headers)
