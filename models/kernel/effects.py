"""What a fold leaves behind besides profiles: outputs, counts, and the shop's minutes."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any, NamedTuple

from models.kernel.outputs import Output
from models.kernel.vocabulary import Vocabulary
from models.rfm.cuts import FIXED, Cuts
from models.rfm.sketch import Sketch


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
        Whether some buyer moved within the sketch.
    """

    __slots__ = ("changed", "counts", "minutes", "outputs", "recounted")

    def __init__(self) -> None:
        self.outputs: list[Emitted] = []
        self.counts: defaultdict[str, int] = defaultdict(int)
        self.changed: set[str] = set()
        self.minutes: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        self.recounted = False

    def emit(self, role: str, user: str, output: Output) -> None:
        """Add an output about a shopper."""
        self.outputs.append(Emitted(role, user.encode(), output))
        self.counts[_counter(role, output.kind)] += 1


@cache
def _counter(role: str, kind: str) -> str:
    """The counter of a kind of output."""
    return f"out:{role}:{kind}"


class Context:
    """What every fold of a batch shares.

    Attributes
    ----------
    cuts
        The table in force.
    memo
        What features worked out from the table of a version, by name.
    settings
        Those of `models.fold.Fold.settings`, or without features the shared ones.
    sketch
        The shard's buyers, counted. Changed in place.
    start
        When the shard was first started under ``clock=wall`` (ms). Carts that were left and buyers who were overdue by
        then are history: counted, and nothing is said of them. 0 under ``clock=event``, which knows no history.
    """

    __slots__ = ("cuts", "effects", "memo", "settings", "sketch", "start", "vocabulary")

    def __init__(
        self,
        settings: Any,
        cuts: Cuts = FIXED,
        vocabulary: Vocabulary | None = None,
        sketch: Sketch | None = None,
    ) -> None:
        self.settings = settings
        self.cuts = cuts
        self.vocabulary = vocabulary or Vocabulary()
        self.sketch = sketch or Sketch()
        self.effects = Effects()
        self.start = 0
        self.memo: dict[str, tuple[int, Any]] = {}
