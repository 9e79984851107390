"""A shard that only keeps books, and its ledger: what the driver and the transports are tested with."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from sinks.outputs import Message
from streams.errors import Fenced, Gap
from streams.records import Chunk, End

OUT = "out"


class Ledger:
    """A store in one SQLite file, shared by threads and processes. Fences by token; every record ever applied stays
    listed in the order of its commit, repeats too."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fail: list[Exception] = []  # raised by the next calls, one each
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        self._db.executescript(
            """PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;
            CREATE TABLE IF NOT EXISTS owner(partition INTEGER PRIMARY KEY, token TEXT, outbox TEXT);
            CREATE TABLE IF NOT EXISTS position(partition INTEGER, topic TEXT, next INTEGER,
                                                PRIMARY KEY(partition, topic));
            CREATE TABLE IF NOT EXISTS applied(n INTEGER PRIMARY KEY, topic TEXT, partition INTEGER, offset INTEGER);"""
        )

    @contextmanager
    def _commit(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self.fail:
                raise self.fail.pop(0)
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise

    def claim(self, partition: int, token: str) -> tuple[dict[str, int], list[list[str]]]:
        """Own it; answer offsets and outbox."""
        with self._commit() as db:
            row = db.execute("SELECT outbox FROM owner WHERE partition=?", (partition,)).fetchone()
            outbox = row[0] if row else "[]"
            db.execute("REPLACE INTO owner VALUES(?,?,?)", (partition, token, outbox))
            offsets = dict(db.execute("SELECT topic, next FROM position WHERE partition=?", (partition,)))
            return offsets, json.loads(outbox)

    def apply(
        self, partition: int, token: str, applied: Sequence[tuple[str, int]], offsets: Mapping[str, int], outbox: str
    ) -> None:
        """Commit, or Fenced."""
        with self._commit() as db:
            owner = db.execute("SELECT token FROM owner WHERE partition=?", (partition,)).fetchone()
            if owner is None:
                raise Fenced("nobody's", "EMPTY")
            if owner[0] != token:
                raise Fenced("token")
            db.executemany(
                "INSERT INTO applied(topic, partition, offset) VALUES(?,?,?)", [(t, partition, o) for t, o in applied]
            )
            db.executemany("REPLACE INTO position VALUES(?,?,?)", [(partition, t, o) for t, o in offsets.items()])
            db.execute("UPDATE owner SET outbox=? WHERE partition=?", (outbox, partition))

    def owned(self, partition: int, token: str) -> bool:
        """Whether it is still owned under `token`."""
        with self._commit() as db:
            return db.execute("SELECT token FROM owner WHERE partition=?", (partition,)).fetchone() == (token,)

    def move(self, partition: int, topic: str, offset: int) -> None:
        """Own it, and say that this topic is applied up to here."""
        _, said = self.claim(partition, token := str(uuid.uuid4()))
        self.apply(partition, token, [], {topic: offset}, json.dumps(said))

    def empty(self) -> None:
        """Forget all but what was ever applied, as a server that comes back without its data."""
        with self._commit() as db:
            db.execute("DELETE FROM owner")
            db.execute("DELETE FROM position")

    def applied(self) -> dict[tuple[str, int], list[int]]:
        """(topic, partition) -> offsets in the order they were applied."""
        found: dict[tuple[str, int], list[int]] = {}
        with self._lock:
            for topic, partition, offset in self._db.execute("SELECT topic, partition, offset FROM applied ORDER BY n"):
                found.setdefault((topic, partition), []).append(offset)
        return found

    def count(self) -> int:
        """Records applied, repeats too."""
        with self._lock:
            return int(self._db.execute("SELECT count(*) FROM applied").fetchone()[0])

    def until(self, count: int, within: float = 30.0, alive: Callable[[], object] = lambda: None) -> None:
        """Wait until so many records are applied."""
        deadline = time.monotonic() + within
        while (have := self.count()) < count:
            alive()
            assert time.monotonic() < deadline, f"{have} of {count} records applied within {within} s"
            time.sleep(0.02)


class FakeShard:
    """The interface of `streams.shard.Shard`, and once claimed of `ClaimedShard`: applies what is buffered, in batches,
    and says one thing per record."""

    def __init__(
        self,
        partition: int,
        topics: Sequence[str],
        ledger: Ledger,
        *,
        buffer: int = 8000,
        batch: int = 500,
        out: str = OUT,
    ) -> None:
        self.partition = partition
        self.topics = topics
        self.ledger = ledger
        self.outbox: Sequence[Message] = ()
        self.awaited = ""
        self.crossed = False
        self.seq = 0
        self.buffer = buffer
        self.batch = batch
        self.out = out
        self.store: Any = None
        self.clocks: list[tuple[int | None, Mapping[str, End] | None]] = []
        self._token = ""
        self._expected: dict[str, int | None] = {}
        self._applied: dict[str, int] = {}
        self._buffers: dict[str, list[int]] = {topic: [] for topic in topics}

    def claim(self) -> Self:
        self._token = str(uuid.uuid4())
        self._applied, said = self.ledger.claim(self.partition, self._token)
        self.outbox = self._messages(said)
        self._expected = {topic: self._applied.get(topic) for topic in self.topics}
        return self

    @property
    def positions(self) -> dict[str, int | None]:
        return dict(self._expected)

    def receive(self, chunk: Chunk) -> bool:
        assert chunk.partition == self.partition
        expected = self._expected[chunk.topic]
        if expected is not None and chunk.start != expected:
            raise Gap(f"{chunk.topic}: chunk starts at {chunk.start}, expected {expected}")
        self._buffers[chunk.topic] += [record.offset for record in chunk.records]
        self._expected[chunk.topic] = chunk.records[-1].offset + 1
        return True

    def wants(self, topic: str, queued: int = 0) -> bool:
        return len(self._buffers[topic]) + queued < self.buffer

    def step(self, now: int | None = None, ends: Mapping[str, End] | None = None) -> bool:
        assert not self.outbox, "step before the outbox was published"
        self.clocks.append((now, ends))
        taken = {topic: buffered[: self.batch] for topic, buffered in self._buffers.items() if buffered}
        if not taken:
            return False
        applied = [(topic, offset) for topic, offsets in taken.items() for offset in offsets]
        said = [[f"{topic}:{offset}", f"{self.partition}"] for topic, offset in applied]
        positions = {topic: offsets[-1] + 1 for topic, offsets in taken.items()}
        self.ledger.apply(self.partition, self._token, applied, positions, json.dumps(said))
        for topic, offsets in taken.items():
            del self._buffers[topic][: len(offsets)]
        self._applied |= positions
        self.outbox = self._messages(said)
        return True

    def work(
        self, now: int | None = None, ends: Mapping[str, End] | None = None, most: int | None = None
    ) -> Generator[Any, Any, bool]:
        """The same as the cycle drives it: it asks for nothing."""
        yield from ()
        return self.step(now, ends)

    @property
    def again(self) -> bool:
        return any(self._buffers.values())

    @property
    def blocked(self) -> bool:
        return False

    def wake(self, now: int) -> int:
        return now + 250

    def _messages(self, said: Sequence[Sequence[str]]) -> list[Message]:
        return [Message(self.out, key.encode(), value.encode()) for key, value in said]

    def owned(self) -> bool:
        return self.ledger.owned(self.partition, self._token)

    def published(self) -> dict[str, int]:
        self.outbox = ()
        return dict(self._applied)

    def waiting(self) -> str:
        empty = [topic for topic, buffered in self._buffers.items() if not buffered]
        return f"{', '.join(empty)} partition {self.partition}" if empty else ""
