"""What a fold leaves behind besides profiles: outputs, counts, and the shop's minutes."""

from __future__ import annotations

from collections import defaultdict
from functools import cache, partial
from operator import add
from typing import Any, NamedTuple, Protocol

from models.kernel.outputs import Output
from models.kernel.settings import HOUR, MINUTE
from models.kernel.vocabulary import Vocabulary

COLUMNS = (
    "events", "orders", "revenue", "triggers", "visitors", "visits", "viewed", "carted", "checkout", "bought",
)  # fmt: skip
"""What is counted by the minute of event time, in the order in which it is stored (`sinks.minutes`)."""
_PLACES = {column: place for place, column in enumerate(COLUMNS)}
VISITORS = _PLACES["visitors"]
WINDOW = 5
"""Minutes for which a shopper counts as a visitor: that of the event, and those that follow."""


class Emitted(NamedTuple):
    """One output on its way: the role of its topic, its key (None: no shopper known), the message."""

    role: str
    key: bytes | None
    output: Output


class Effects:
    """Collects what folding a batch brings about.

    Attributes
    ----------
    outputs
        In the order they were caused.
    counts
        Changes of counters by name (see ``docs/redis-keys.md``).
    changed
        Shoppers whose public fields may have changed.
    minutes
        By minute of event time: changes of `COLUMNS`; where only visitors are, no more than up to those.
    hours
        By hour of event time, by name: what features count by the hour (`models.kernel.feature.Feature.hourly`), and
        the sums of the minutes.
    recounted
        Kinds of tables whose sketch changed.
    listed
        Names of lists of the shard that changed.
    """

    __slots__ = ("_seen", "changed", "counts", "hours", "listed", "minutes", "outputs", "recounted")

    def __init__(self) -> None:
        self.outputs: list[Emitted] = []
        self.counts: defaultdict[str, int] = defaultdict(int)
        self.changed: set[str] = set()
        self.minutes: defaultdict[int, list[int]] = defaultdict(lambda: [0] * len(COLUMNS))
        self.hours: defaultdict[int, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._seen: defaultdict[int, int] = defaultdict(int)
        self.recounted: set[str] = set()
        self.listed: set[str] = set()

    def emit(self, role: str, key: bytes, output: Output) -> None:
        """Add an output about a shopper, whose id the key is."""
        self.outputs.append(_emitted((role, key, output)))
        self.counts[_counter(role, output.kind)] += 1

    def minute(self, column: str, at: int, n: int = 1) -> None:
        """Add `n` to one of `COLUMNS` in the minute of `at` (ms)."""
        self.minutes[at // MINUTE][_PLACES[column]] += n

    def hour(self, name: str, at: int, n: int = 1) -> None:
        """Add `n` to what is counted under a name in the hour of `at` (ms)."""
        self.hours[at // HOUR][name] += n

    def seen(self, minute: int, before: int = -WINDOW) -> None:
        """Count a shopper as a visitor of a minute and of the next four, but for those in which an event in the minute
        `before` made the shopper one already."""
        after = minute - before
        self._seen[minute * WINDOW + (after if after < WINDOW else WINDOW) - 1] += 1

    def settle(self) -> None:
        """Write what `seen` counted into the minutes, and the minutes into their hours. Done once, at the batch's end:
        many come in the same minute.

        >>> effects = Effects()
        >>> effects.seen(100)
        >>> effects.seen(103, 100)
        >>> effects.settle()
        >>> {minute: row[4] for minute, row in sorted(effects.minutes.items())}
        {100: 1, 101: 1, 102: 1, 103: 1, 104: 1, 105: 1, 106: 1, 107: 1}
        >>> effects.hours[1]["visitors"]
        8
        """
        minutes, hours, sums = self.minutes, self.hours, dict[int, list[int]]()
        for minute, row in minutes.items():
            before = sums.get(minute // 60)
            sums[minute // 60] = row if before is None else list(map(add, before, row))
        for hour, row in sums.items():
            counts = hours[hour]
            for column, n in zip(COLUMNS, row, strict=True):
                if n:
                    counts[column] += n
        for key, shoppers in self._seen.items():
            minute, new = divmod(key, WINDOW)
            for later in range(minute + WINDOW - 1 - new, minute + WINDOW):
                hours[later // 60]["visitors"] += shoppers
                found = minutes.get(later)
                if found is None:
                    minutes[later] = [0, 0, 0, 0, shoppers]
                else:
                    found[VISITORS] += shoppers


_emitted = partial(tuple.__new__, Emitted)
"""`Emitted._make` without a call of Python."""


@cache
def _counter(role: str, kind: str) -> str:
    """The counter of a kind of output."""
    return f"out:{role}:{kind}"


class Versioned(Protocol):
    """A table in force."""

    @property
    def judging(self) -> int:
        """Version of what rules that read ``table`` judge by. 0 before any table; then it never falls."""


class Listed(Protocol):
    """A bounded list that a feature keeps of the whole shard: stored as text, whole, when it changed."""

    def restore(self, text: str) -> None:
        """Go on from what `encode` gave; "": from nothing."""

    def encode(self) -> str:
        """All there is to go on from, as JSON."""


class Context:
    """What every fold of a batch shares.

    Attributes
    ----------
    settings
        Those of `models.fold.Fold.settings`, or without features the shared ones.
    tables, version
        The tables in force by the name of their kind, and the sum of the versions they judge by. Where that moves, the
        signal ``table`` is raised.
    sketches
        What the shard counts for the next tables, by the name of their kind. Changed in place.
    lists
        The lists that features keep of the shard, by name. Changed in place.
    memo
        What features worked out from the tables of a version, by name.
    start
        When the shard was first started under ``clock=wall`` (ms). Carts that were left and buyers who were overdue by
        then are history: counted, and nothing is said of them. 0 under ``clock=event``, which knows no history.
    floor
        The shard's event time before the batch, under ``clock=wall`` (ms): what asks somebody to act, and had to wait,
        is said as of then and not as of when it was due. 0 under ``clock=event``, where nothing waits.
    partition, partitions
        Which of how many shards it is.
    """

    __slots__ = (
        "effects",
        "floor",
        "lists",
        "memo",
        "partition",
        "partitions",
        "settings",
        "sketches",
        "start",
        "tables",
        "version",
        "vocabulary",
    )

    def __init__(self, settings: Any, vocabulary: Vocabulary | None = None) -> None:
        self.settings = settings
        self.vocabulary = vocabulary or Vocabulary()
        self.tables: dict[str, Any] = {}
        self.version = 0
        self.sketches: dict[str, Any] = {}
        self.lists: dict[str, Any] = {}
        self.effects = Effects()
        self.start = self.floor = 0
        self.partition, self.partitions = 0, 1
        self.memo: dict[str, tuple[int, Any]] = {}

    def enforce(self, kind: str, table: Versioned) -> None:
        """Judge by this table of a kind from now on."""
        self.tables[kind] = table
        self.version = sum(table.judging for table in self.tables.values())
