"""What a fold leaves behind besides profiles: outputs, counts, and the shop's minutes."""

from __future__ import annotations

from collections import defaultdict
from functools import cache, partial
from typing import Any, NamedTuple, Protocol

from models.kernel.outputs import Output
from models.kernel.vocabulary import Vocabulary


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
        By minute of event time: changes of [events, orders, revenue, triggers].
    recounted
        Kinds of tables whose sketch changed.
    """

    __slots__ = ("changed", "counts", "minutes", "outputs", "recounted")

    def __init__(self) -> None:
        self.outputs: list[Emitted] = []
        self.counts: defaultdict[str, int] = defaultdict(int)
        self.changed: set[str] = set()
        self.minutes: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        self.recounted: set[str] = set()

    def emit(self, role: str, key: bytes, output: Output) -> None:
        """Add an output about a shopper, whose id the key is."""
        self.outputs.append(_emitted((role, key, output)))
        self.counts[_counter(role, output.kind)] += 1


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
    memo
        What features worked out from the tables of a version, by name.
    start
        When the shard was first started under ``clock=wall`` (ms). Carts that were left and buyers who were overdue by
        then are history: counted, and nothing is said of them. 0 under ``clock=event``, which knows no history.
    partition, partitions
        Which of how many shards it is.
    """

    __slots__ = (
        "effects",
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
        self.effects = Effects()
        self.start = 0
        self.partition, self.partitions = 0, 1
        self.memo: dict[str, tuple[int, Any]] = {}

    def enforce(self, kind: str, table: Versioned) -> None:
        """Judge by this table of a kind from now on."""
        self.tables[kind] = table
        self.version = sum(table.judging for table in self.tables.values())
