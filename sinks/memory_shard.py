"""One shard in memory: the twin of what Redis holds under one hash tag."""

from __future__ import annotations

from collections import deque
from threading import Lock

from sinks.commits import bounded_feed, digest
from sinks.look import FEED_LENGTH
from sinks.memory_timers import Timers
from sinks.store import Applied, Claim, Commit


class MemoryShard:
    """What Redis holds under one hash tag. Keeps no object of the caller's that could change."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.token = ""
        self.schema = 0
        self.seq = 0
        self.digest = ""
        self.bytes = b""
        self.outbox = b""
        self.offsets: dict[str, int] = {}
        self.profiles: dict[str, bytes] = {}
        self.public: dict[str, dict[str, str]] = {}
        self.timers = Timers()
        self.stats: dict[str, str] = {}
        self.vocab: dict[str, int] = {}
        self.sketches: dict[str, bytes] = {}
        self.frozen: dict[tuple[str, int], bytes] = {}
        self.feed: deque[tuple[str, bytes]] = deque(maxlen=FEED_LENGTH)

    def claim(self, token: str, schema: int) -> Claim:
        """Give the shard to another claim."""
        self.token, self.schema = token, schema
        stats = {name: value.encode() for name, value in self.stats.items()}
        vocab, due = dict(self.vocab), self.timers.next_due
        return Claim(self.seq, dict(self.offsets), self.bytes, stats, vocab, self.outbox, due, dict(self.sketches))

    def apply(self, token: str, seq: int, commit: Commit) -> Applied:
        """Check, then write; the same checks in the same order as ``lua/apply.lua``."""
        if not self.token:
            return Applied("EMPTY")
        if token != self.token:
            return Applied("FENCED")
        known = digest(commit)
        if (seq, known) != (self.seq, self.digest):
            if seq != self.seq + 1:
                return Applied("LOST")
            self._write(seq, commit)
            self.seq, self.digest = seq, known
        return Applied("OK", self.timers.next_due)

    def _write(self, seq: int, commit: Commit) -> None:
        for user, value in commit.profiles.items():
            if value is None:
                self.profiles.pop(user, None)
            else:
                self.profiles[user] = value
        for user, fields in commit.public.items():
            if fields:
                self.public[user] = {name: str(value) for name, value in fields.items()}
            else:
                self.public.pop(user, None)
        self.sketches.update(commit.sketches)
        for name, packed in commit.frozen.items():
            if packed is None:
                self.frozen.pop(name, None)
            else:
                self.frozen[name] = packed
        self.timers.update(commit.timers)
        self.stats.update((name, str(value)) for name, value in commit.stats.items() if value is not None)
        for field in [name for name, value in commit.stats.items() if value is None]:
            self.stats.pop(field, None)
        self.offsets.update(commit.offsets)
        self.vocab.update(commit.vocab)
        first, feed = bounded_feed(commit)
        self.feed.extend((f"{seq}-{first + i}", value) for i, value in enumerate(feed))
        self.bytes, self.outbox = commit.shard, commit.outbox
