"""Where the crowd of shoppers is in time: a few rows far ahead of it are clamped to it, and move nothing.

    9:58  9:59  [2099]  9:59  10:01 ...      [2099] is followed by shoppers who have not got there: it counts at 9:59
    9:58  9:59  17:30  17:31  17:31 ...      all that follows is there as well: the shop was closed, time moves on

The rows that follow a row ahead of the crowd by more than `max_skew` vote on it, each shopper a few times at most. The
crowd moves to it as soon as those who have reached it, too, lead by `LEAD`; it is clamped as soon as those who have not
lead by `OUTVOTED`. A stranger, whom nobody has seen with the crowd, has a vote against it, but hardly one for it: any
number of wrong clocks may come one after the other. Rows behind the crowd are late and have no vote, and nobody is
believed who is ahead of the clock.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from kairos.replay.row import Row, Rows, Span
from kairos.terminal.times import now
from models.kernel.settings import DAY

LEAD = 8
"""Votes by which those who have reached a time must lead for the crowd to be there: three shoppers at least."""
OUTVOTED = 4
"""Votes by which those who have not must lead for a row to be clamped."""
STRANGERS = 64
"""Votes of strangers that do instead, 22 of them at least, where nobody leads against it."""
SMALL = 8, 3
"""Where fewer shoppers are known, one of them, or a stranger, is believed if the votes decide nothing."""
KEPT = 50_000
"""Shoppers known, at least: those seen last."""
VOTES = 3
"""Of each shopper on either side: neither a device in a hurry nor a crawler is a crowd."""
LOOK = 1_000
"""Rows looked at, at most: what is held in memory beside the batch at hand."""
BELIEVED = DAY, 31 * DAY
"""Jumps (ms) believed where the votes decide nothing: among late rows, and at the end of the file."""
USUAL = 3
"""So many times the longest jump the crowd has made is believed there as well."""


class LookAhead:
    """Batches one after the other, and a look at the rows that follow. Reads no further than is looked."""

    def __init__(self, batches: Iterable[Rows]) -> None:
        self._source = iter(batches)
        self._later: deque[Rows] = deque()

    def __iter__(self) -> Iterator[Rows]:
        while self._later or self._more():
            yield self._later.popleft()

    def _more(self) -> bool:
        batch = next(self._source, None)
        if batch is not None:
            self._later.append(batch)
        return batch is not None

    def following(self, rows: Rows, index: int) -> Iterator[Row]:
        """Rows from `index` of the batch yielded last on, to the end of all."""
        for i in range(index, len(rows)):
            yield rows[i]
        number = 0
        while number < len(self._later) or self._more():
            yield from self._later[number]
            number += 1


class Crowd:
    """Rows with the times that are believed, as spans without ticks: every row once, in the order they come.

    A clamped row has a span of its own that says where the crowd is (`Span.at`), which is also the row's time.

    Parameters
    ----------
    batches
        Rows as a format yields them, with the times the file says.
    max_skew
        How far ahead of the crowd, and of the clock, a row may be (ms).
    clock
        The present, in ms.

    Attributes
    ----------
    clamped
        How many rows were, so far.
    """

    def __init__(self, batches: Iterable[Rows], max_skew: int, clock: Callable[[], int] = now) -> None:
        self.clamped = 0
        self._ahead = LookAhead(batches)
        self._skew = max_skew
        self._clock = clock
        self._at: int | None = None  # where the crowd is, as voted
        self._newest = 0  # the latest time believed, at most `max_skew` later
        self._longest = 0  # of its jumps
        self._seen: set[bytes | None] = set()  # shoppers, lately
        self._before: set[bytes | None] = set()  # and before that

    def __iter__(self) -> Iterator[Span]:
        for rows in self._ahead:
            if len(self._seen) >= KEPT:
                self._seen, self._before = set(), self._seen
            seen, start = self._seen.add, 0
            for index, row in enumerate(rows):
                e = row[0]
                if e is None:
                    continue
                if e <= self._newest:
                    seen(row[2])
                    continue
                if self._at is not None and e <= self._at + self._skew:
                    self._newest = e
                    seen(row[2])
                    continue
                at = self._judged(rows, index, e)
                if at == e:
                    seen(row[2])
                else:
                    if start < index:
                        yield Span(rows[start:index])
                    yield Span([(at, *row[1:])], at=at)
                    start = index + 1
            yield Span(rows[start:] if start else rows)

    def _judged(self, rows: Rows, index: int, e: int) -> int:
        """The time a row counts at (ms): its own, to which the crowd moves, or the crowd's."""
        latest = self._clock() + self._skew
        if self._at is not None and e > latest:
            return self._clamp(e, 0, latest)
        score, least, ended = self._vote(rows, index, e, latest)
        jump = 0 if self._at is None else e - self._at
        if e > latest or not self._believed(score, jump, rows[index][2], ended):
            return self._clamp(e, least, latest)
        if score >= LEAD:
            self._longest = max(self._longest, jump)
        self._at = self._newest = e
        return e

    def _clamp(self, e: int, least: int, latest: int) -> int:
        """Where the crowd is; at the beginning, the least time of those who outvoted the row. Both are more than
        `max_skew` before `e`."""
        self.clamped += 1
        if self._at is None:
            self._at = self._newest = least or latest - self._skew
        return self._newest if e > self._newest + self._skew else self._at

    def _believed(self, score: int, jump: int, shopper: bytes | None, ended: bool) -> bool:
        if score >= LEAD or score < 0:
            return score > 0
        small = len(self._seen) + len(self._before) < SMALL[not self._knows(shopper)]
        return small or jump <= max(BELIEVED[ended], USUAL * self._longest)

    def _knows(self, shopper: bytes | None) -> bool:
        return shopper in self._seen or shopper in self._before

    def _vote(self, rows: Rows, index: int, e: int, latest: int) -> tuple[int, int, bool]:
        """What the row and those that follow say to the crowd's being at `e`.

        Returns
        -------
        Votes for it less votes against; the earliest time of a vote against (ms; 0 if there is none); whether all rows
        to the end of the file were asked.
        """
        reached, behind = e - self._skew, self._newest if self._at is None else self._at - self._skew
        score = strangers = least = asked = 0
        votes: Counter[tuple[bytes | None, bool]] = Counter()
        for at, _, key, _ in islice(self._ahead.following(rows, index), LOOK):
            asked += 1
            if at is None or at > latest or at < behind:
                continue
            known, side = self._knows(key), (key, at >= reached)
            if at < reached and not known and at <= self._newest:
                continue
            if at < reached:
                least = min(least or at, at)
            if votes[side] < VOTES:
                votes[side] += 1
                if known or at < reached:
                    score += 1 if at >= reached else -1
                else:
                    strangers += 1
                if score >= LEAD or (score <= -OUTVOTED and self._at is not None):
                    return score, least, False
                if strangers >= STRANGERS and score >= 0:
                    return LEAD, least, False
        return score, least, asked < LOOK
