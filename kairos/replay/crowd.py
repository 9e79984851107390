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

from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
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
OFTEN = 10
"""Rows of one shopper that count where the crowd begins."""


def longest_in_order(times: Sequence[int]) -> list[int]:
    """The longest sequence in these times that never goes back, by patience sorting. There must be one.

    >>> longest_in_order([99, 1, 2, 50, 3, 0, 4, 4])
    [1, 2, 3, 4, 4]
    """
    tops: list[int] = []  # the least time by which a sequence of each length can end
    ends: list[int] = []  # which one that is
    before: list[int] = []
    for index, time in enumerate(times):
        pile = bisect_right(tops, time)
        before.append(ends[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [time]
        ends[pile : pile + 1] = [index]
    found, index = [], ends[-1]
    while index >= 0:
        found.append(times[index])
        index = before[index]
    return found[::-1]


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
        self._first = 0  # where the crowd began
        self._at: int | None = None  # where it is, as voted
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
                    if self._at is not None and e >= self._at - self._skew:  # else late: it may have been anywhere
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
        if self._at is None:
            self._first, self._at = self._begins(rows, index, latest)
        if e <= self._at + self._skew:
            self._newest = max(self._newest, e)
            return e
        score, ended = (-OUTVOTED, False) if e > latest else self._vote(rows, index, e, latest)
        if not self._believed(score, e - self._at, rows[index][2], ended):
            self.clamped += 1
            return (self._newest or self._first) if e > self._newest + self._skew else self._at
        if score >= LEAD:
            self._longest = max(self._longest, e - self._at)
        self._at = self._newest = e
        return e

    def _begins(self, rows: Rows, index: int, latest: int) -> tuple[int, int]:
        """Where the crowd begins, and where it is at the beginning but for a few who may be years behind (both ms): at
        the first time, where those that follow are in order; else where most are that are in order."""
        times: list[int] = []
        votes: Counter[bytes | None] = Counter()
        ordered = True
        for at, _, key, _ in islice(self._ahead.following(rows, index), LOOK):
            if at is None or at > latest or votes[key] >= OFTEN:
                continue
            votes[key] += 1
            ordered = ordered and (not times or at >= times[-1] - self._skew)
            times.append(at)
            if ordered and len(times) >= STRANGERS:
                break
        if not times:
            return latest - self._skew, latest - self._skew
        chain = times[:1] if ordered else longest_in_order(times)
        return chain[0], chain[len(chain) // 10]

    def _believed(self, score: int, jump: int, shopper: bytes | None, ended: bool) -> bool:
        if score >= LEAD or score < 0:
            return score > 0
        small = len(self._seen) + len(self._before) < SMALL[not self._knows(shopper)]
        return small or jump <= max(BELIEVED[ended], USUAL * self._longest)

    def _knows(self, shopper: bytes | None) -> bool:
        return shopper in self._seen or shopper in self._before

    def _vote(self, rows: Rows, index: int, e: int, latest: int) -> tuple[int, bool]:
        """What the row and those that follow say to the crowd's being at `e`.

        Returns
        -------
        Votes for it less votes against; whether all rows to the end of the file were asked.
        """
        assert self._at is not None
        reached, behind = e - self._skew, self._at - self._skew
        score = strangers = asked = 0
        votes: Counter[tuple[bytes | None, bool]] = Counter()
        for at, _, key, _ in islice(self._ahead.following(rows, index), LOOK):
            asked += 1
            if at is None or at > latest or at < behind:
                continue
            known, side = self._knows(key), (key, at >= reached)
            if votes[side] >= VOTES or (at < reached and not known and at <= self._newest):
                continue
            votes[side] += 1
            if known or at < reached:
                score += 1 if at >= reached else -1
            else:
                strangers += 1
            if score >= LEAD or score <= -OUTVOTED:
                return score, False
            if strangers >= STRANGERS and score >= 0:
                return LEAD, False
        return score, asked < LOOK
