"""One partition's messages for one endpoint: what was read, what came to its end, and what a commit has to write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sinks import deliveries
from sinks.deliveries import Delivery
from sinks.webhooks.delivery_store import Change, Claimed
from sinks.webhooks.message import Entry, Place, unpacked


class Lane:
    """A claimed partition.

    Attributes
    ----------
    place, token
        Which one; of the claim.
    next
        Offset that is read next.
    read
        Offset below which messages may be tried, since Redis has it: should this process end now, its successor knows
        that they may have been taken.
    entries
        Messages that have not come to their end, by offset.
    sure
        When Redis said last that it is ours (wall, ms).
    """

    def __init__(self, place: Place, token: str, claimed: Claimed) -> None:
        self.place, self.token = place, token
        self.next = claimed.offset
        self.read = self._tried = claimed.read
        self.entries: dict[int, Entry] = {}
        self.sure = 0
        self.counts: Counter[str] = Counter()
        self._kept_ahead = dict(sorted(claimed.kept.items()))
        self._open: dict[int, Entry] = {}
        self._keep: dict[int, Entry] = {}
        self._drop: dict[int, None] = {}
        self._unsent: dict[str, bool] = {}
        self._ended: list[bytes] = []
        self._written = claimed.offset
        self._seq = 0
        self._change: Change | None = None

    @property
    def offset(self) -> int:
        """Where a successor goes on to read: all before has come to its end, or is kept."""
        return next(iter(self._open), self.next)

    @property
    def open(self) -> int:
        """How many messages hold this offset back."""
        return len(self._open)

    def kept_before(self, offset: int) -> Iterator[Entry]:
        """The messages kept by the predecessor that stand before this offset, each once and in order. Those that it
        kept further on than it had read to the end come when reading gets there, so that order holds."""
        for at in [at for at in self._kept_ahead if at < offset]:
            entry = unpacked(self.place, at, self._kept_ahead.pop(at))
            if entry is None:
                self._drop[at] = None
            else:
                self.entries[at] = entry
                yield entry

    def add(self, entry: Entry) -> None:
        """A message was read. One that the predecessor had read as well may have been sent."""
        entry.exposed = entry.offset < self._tried
        self.entries[entry.offset] = self._open[entry.offset] = entry

    def keep(self, entry: Entry) -> None:
        """Keep a message, or what is new of a kept one, with the next commit."""
        entry.kept = True
        self._open.pop(entry.offset, None)
        self._keep[entry.offset] = entry

    def pass_over(self, entry: Entry) -> None:
        """A message needs nothing more."""
        entry.over = True
        self.entries.pop(entry.offset, None)
        self._open.pop(entry.offset, None)
        self._keep.pop(entry.offset, None)
        if entry.kept:
            self._drop[entry.offset] = None

    def end(self, entry: Entry, delivery: Delivery) -> None:
        """A message came to its end."""
        self.pass_over(entry)
        self.counts[delivery.fate] += 1
        self._ended.append(deliveries.encode(delivery))

    def unsent(self, message: str) -> None:
        """A message (by its id) that was never sent."""
        self._unsent[message] = True

    def sent(self, message: str) -> None:
        """A message (by its id) that was never sent, and is to be now."""
        self._unsent[message] = False

    def unwritten(self) -> list[str]:
        """Messages that were noted as never sent, of which Redis may not know."""
        noted = self._change.unsent if self._change is not None else ()
        return [*noted, *(message for message, unsent in self._unsent.items() if unsent)]

    def change(self, *, proving: bool = False) -> Change | None:
        """What is to be committed next: the same again until `committed`. None: nothing; an empty one if it is to prove
        that the partition is ours."""
        if self._change is None and (proving or self._dirty()):
            self._seq += 1
            self._change = Change(
                self._seq,
                self.offset,
                max(self.next, self.read),
                {at: entry.packed() for at, entry in self._keep.items()},
                tuple(self._drop),
                tuple(message for message, unsent in self._unsent.items() if unsent),
                tuple(message for message, unsent in self._unsent.items() if not unsent),
                tuple(self._ended),
                dict(+self.counts),
            )
            for pending in (self._keep, self._drop, self._unsent, self._ended, self.counts):
                pending.clear()
        return self._change

    def _dirty(self) -> bool:
        moved = self.next > self.read or self.offset != self._written
        return bool(moved or self._keep or self._drop or self._unsent or self._ended or self.counts)

    def committed(self, at: int) -> None:
        """The change is in Redis, which was asked at `at` (wall, ms)."""
        self.sure = at
        if self._change is not None:
            self.read, self._written = max(self.read, self._change.read), self._change.offset
            self._change = None
