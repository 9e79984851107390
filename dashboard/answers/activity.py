"""What happened when: sums over any time, from the minutes of the last day and the hours of the last eight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import accumulate, islice

from dashboard.answers.compared import Compared
from models.kernel import zones
from models.kernel.settings import DAY, HOUR, MINUTE
from sinks.minutes import MINUTES, Minute
from sinks.summary import Summary

FIELDS = frozenset(Minute._fields)
WEEK = 7 * DAY
FEW = 5
"""Visitors in the mean with fewer of which nothing is compared: it would be chance."""


class Activity:
    """The shop's minutes and hours, as of a time.

    Parameters
    ----------
    summary
        All shards' counters.
    as_of
        Event time (ms).
    zone
        The shop's time zone: its days begin at midnight there.
    """

    def __init__(self, summary: Summary, as_of: int, zone: str) -> None:
        self.as_of = as_of
        self.zone = zone
        self._minutes = {minute.minute: minute for minute in summary.minutes}
        self._hours: dict[int, Mapping[str, int]] = {hour.hour: hour.counts for hour in summary.hours}
        self._sums: dict[tuple[int, int], tuple[int, ...]] = {}
        self._began = min([*self._hours, *(minute // 60 for minute in self._minutes)], default=0) * HOUR

    @property
    def began(self) -> int:
        """Since when the shop is watched, as far as is remembered (ms)."""
        return self._began

    @property
    def midnight(self) -> int:
        """When the shop's day began (ms)."""
        return self.day_begins(0)

    def day_begins(self, ago: int) -> int:
        """When a day of the shop began, so many days ago (ms)."""
        return zones.midnight(zones.day(self.as_of, self.zone) - ago, self.zone)

    def sum(self, name: str, since: int, until: int) -> float:
        """How much there was of a name from one time on, up to another (ms).

        By minutes in the hours of which all are kept, begun ones whole; before that by hours, of which a part counts in
        proportion. Names that are kept by the hour alone are summed by hours.
        """
        turn = self._turn if name in FIELDS else until
        if until <= turn:
            return self._of_hours(name, since, until)
        begins = max(since, turn)
        return self._of_hours(name, since, begins) + self._of_minutes(name, begins, until)

    @property
    def _turn(self) -> int:
        """From when on all minutes are kept, by whole hours (ms)."""
        kept = (self.as_of // MINUTE - MINUTES + 1) * MINUTE  # the oldest minute
        return -(-kept // HOUR) * HOUR

    def today(self, name: str) -> Compared:
        """Of today so far, and by the same time of the days before."""
        return Compared(
            self.sum(name, self.midnight, self.as_of + 1),
            *(self._known(name, self.day_begins(ago), ago * DAY) for ago in (1, 7)),
        )

    def level(self, value: int, changes: str) -> Compared:
        """A number as it is now, of which the changes are counted by the hour."""
        return Compared(value, *(self._before(value, changes, self.as_of - ago) for ago in (DAY, WEEK)))

    def visitors(self) -> Compared:
        """Distinct shoppers within five minutes: now, and in the mean of the hour of the same time before."""
        minute = self._minutes.get(self.as_of // MINUTE)
        return Compared(minute.visitors if minute else 0, *(self._hourly(self.as_of - ago) for ago in (DAY, WEEK)))

    def minutes(self, count: int) -> Iterator[Minute]:
        """The newest minutes that are over, oldest first; those in which nothing happened too."""
        running = self.as_of // MINUTE
        for minute in range(running - count, running):
            yield self._minutes.get(minute) or Minute(minute, 0, 0, 0, 0)

    def running(self, name: str, ago: int) -> tuple[tuple[int, int], ...]:
        """A name added up over a day, so many days ago: (minute of the day, sum so far). Of today by the minutes in
        which something happened, up to the running one; of days before by the hour. Empty where the shop was not
        watched."""
        begins = self.day_begins(ago)
        ends = self.day_begins(ago - 1) if ago else self.as_of // MINUTE * MINUTE
        if ends <= self._began or not self._began:
            return ()
        step, total, points = HOUR if ago else MINUTE, 0.0, [(0, 0)]
        turn = ends if ago or name not in FIELDS else min(max(begins, self._turn), ends)
        for at in range(begins, turn, step):
            until = min(at + step, ends)
            more = self.sum(name, at, until)
            total += more
            if more or ago:
                points.append((round((until - begins) / MINUTE), round(total)))
        if turn < ends:
            column, before = Minute._fields.index(name), begins // MINUTE - 1
            happened = [(row[0] - before, row[column]) for row in self._rows(turn, ends) if row[column]]
            sums = accumulate((n for _, n in happened), initial=round(total))
            points += zip((minute for minute, _ in happened), islice(sums, 1, None), strict=True)
            total = points[-1][1]
        last = round((ends - begins) / MINUTE)
        return (*points, (last, round(total))) if points[-1][0] < last else tuple(points)

    def hours(self, since: int) -> Iterator[tuple[int, Mapping[str, int]]]:
        """The hours that begin at a time (ms) or later, each with what was counted in it."""
        for hour in sorted(self._hours):
            if hour * HOUR >= since:
                yield hour, self._hours[hour]

    def beginning(self, prefix: str, since: int) -> tuple[tuple[str, int], ...]:
        """Counters whose names begin with this and ``:``, by what follows, summed from a time (ms) on; the most first,
        those of nothing left out."""
        found: Counter[str] = Counter()
        for _, counts in self.hours(since):
            for name, n in counts.items():
                first, _, rest = name.partition(":")
                if first == prefix:
                    found[rest] += n
        return tuple((name, n) for name, n in found.most_common() if n > 0)

    def _known(self, name: str, begins: int, ago: int) -> float | None:
        """Of a day before, by this time of the day; None where the shop was not watched all that time."""
        return self.sum(name, begins, self.as_of - ago + 1) if 0 < self._began <= begins else None

    def _before(self, value: int, changes: str, at: int) -> float | None:
        if not 0 < self._began <= at:
            return None
        return round(value - self._of_hours(changes, at, self.as_of + HOUR))

    def _hourly(self, at: int) -> float | None:
        if not 0 < self._began <= at:
            return None
        hour = self._hours.get(at // HOUR)
        mean = hour.get("visitors", 0) / 60 if hour else 0.0
        return mean if mean >= FEW else None

    def _of_minutes(self, name: str, since: int, until: int) -> int:
        """All columns are added up at once: who asks for one of a time asks for others."""
        if (since, until) not in self._sums:
            self._sums[since, until] = tuple(map(sum, zip(Minute(0), *self._rows(since, until), strict=True)))
        return self._sums[since, until][Minute._fields.index(name)]

    def _rows(self, since: int, until: int) -> Iterator[Minute]:
        """The minutes from one time to another in which anything was counted, oldest first."""
        found = map(self._minutes.get, range(since // MINUTE, -(-until // MINUTE)))
        return (minute for minute in found if minute is not None)

    def _of_hours(self, name: str, since: int, until: int) -> float:
        total = 0.0
        for hour in range(since // HOUR, -(-until // HOUR)):
            counts = self._hours.get(hour)
            if counts and (count := counts.get(name, 0)):
                total += count * self._part(hour, since, until)
        return total

    def _part(self, hour: int, since: int, until: int) -> float:
        """Which part of what an hour counted lies between two times: of the running one all came by now."""
        begins = hour * HOUR
        ends = min(begins + HOUR, max(self.as_of, begins) + 1)
        return max(0, min(until, ends) - max(since, begins)) / (ends - begins)
