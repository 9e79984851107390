"""Base class of features. A capability is a feature: one file, and one line of the registry.

A *fact* keeps what happened. It names the events it listens to; `fold` changes its own state and returns the signals it
raised: bits that say which of its values may have moved. Silence is the common case.

A *rule* says what follows. It names the signals it reads; `evaluate` is called when one of them was raised, or when its
own due has come, and answers with its next due. It scans nothing and knows no other rule.

A feature is a fact, a rule, or both. What several features need is read by name from the `Moment`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import msgspec
from msgspec import Raw, Struct

from models.kernel.effects import Listed
from models.kernel.events import Event
from models.kernel.outputs import OutputTopic
from models.kernel.tags import Key

if TYPE_CHECKING:
    from models.kernel.moment import Moment

CREATED, ELIGIBLE, VISIT, AWAY, EARLIER, BURST, TABLE, CONSENT = (1 << bit for bit in range(8))
"""Signals of the fold itself: the shopper's first event; from here on things may be told of the shopper; a visit
begins; back after 30 days; an event before the first; too many events within a minute; another table is in force; the
shopper allows or refuses to be written to."""
OWN = 1 << 16
"""Signals of features begin here."""

SIGNALS: Mapping[str, int] = {
    "created": CREATED,
    "eligible": ELIGIBLE,
    "visit": VISIT,
    "away": AWAY,
    "earlier": EARLIER,
    "burst": BURST,
    "table": TABLE,
    "consent": CONSENT,
}


class Tag(NamedTuple):
    """A tag that a feature may tell.

    Attributes
    ----------
    key
        How it is stored, or where the keys of its family begin (`models.kernel.tags`).
    name
        As told; of a family ``interest:<category>``.
    enters, exits
        When, in words: a line of docs/tags.md.
    """

    key: int
    name: str
    enters: str
    exits: str

    @property
    def family(self) -> bool:
        """Whether it stands for many: ``interest:<category>``, ``stage:…``."""
        return self.name.endswith((">", "…"))


class View(NamedTuple):
    """What `Feature.describe` may look at: the slots of a profile, unpacked by feature name, and how to name things."""

    state: Callable[[str], Any]
    names: Mapping[int, str]
    settings: Any
    last: int

    def name(self, key: Key) -> str:
        """A name of the vocabulary."""
        return self.names[key] if isinstance(key, int) else key


class Feature:
    """One capability. Subclass it, in a file of its own; what does not apply stays as it is here.

    Attributes
    ----------
    name
        By which others read its state from a `Moment`.
    number
        Of its slot and its due in every profile; given by the registry, and never another one. `place`: its slot's
        index, from 0 on.
    keeps
        The type of its state: a `msgspec.Struct` whose fields are only ever appended, each with a default. None: none.
    listens
        Types of events for which `fold` is called.
    visits
        Whether `visit` is called where a visit begins.
    raises, reads
        Names of its own signals, and of those that make the fold evaluate it. What a stranger's first click raises is
        not heard, since nothing is told of a stranger: a rule to which one click may matter reads ``eligible`` too.
    acting
        Whether its due asks somebody to do something: under ``clock=wall`` that waits for unread records.
    ineligible
        Whether it is evaluated before anything may be told of the shopper.
    tags
        What it may tell on ``user-tags``; `tabled`: the kind of table that changes of them name.
    counters
        What it counts beside outputs and tags: name -> what it says.
    levels
        What it counts of what is there now, up and down, in the same way.
    lists
        Bounded lists that it keeps of the whole shard, by the name of their field: how an empty one is made. One that
        changed is added to `models.kernel.effects.Effects.listed`.
    hourly
        What it counts by the hour (`models.kernel.effects.Effects.hour`), in the same way. What stands in ``<...>``
        stands for many.
    outputs
        Topics it sends to, beside ``user-tags``.
    settings
        A struct of settings of its own; each field is a `models.kernel.settings.Setting`, with a default. They are
        read from `Context.settings`, which has those of all features.
    """

    name: ClassVar[str]
    number: int
    place: int
    keeps: ClassVar[type[Struct] | None] = None
    listens: ClassVar[tuple[type[Event], ...]] = ()
    visits: ClassVar[bool] = False
    raises: ClassVar[tuple[str, ...]] = ()
    reads: ClassVar[tuple[str, ...]] = ()
    acting: ClassVar[bool] = False
    ineligible: ClassVar[bool] = False
    tags: ClassVar[tuple[Tag, ...]] = ()
    tabled: ClassVar[str] = ""
    counters: ClassVar[Mapping[str, str]] = {}
    levels: ClassVar[Mapping[str, str]] = {}
    lists: ClassVar[Mapping[str, Callable[[], Listed]]] = {}
    hourly: ClassVar[Mapping[str, str]] = {}
    outputs: ClassVar[tuple[OutputTopic, ...]] = ()
    settings: ClassVar[type[Struct] | None] = None

    signals: Mapping[str, int]
    """Bits of all signals by name; given by the fold."""

    def __init__(self) -> None:
        self.unpack: Callable[[Raw], Any] = msgspec.msgpack.Decoder(self.keeps | None if self.keeps else None).decode
        """The state of a packed slot; None if it was never touched."""

    # A fact.

    def fold(self, m: Moment, event: Any) -> int:
        """Take an event it listens to. Returns the signals it raises."""
        return 0

    def takes(self, kind: type[Event]) -> Callable[[Moment, Any], int]:
        """What takes events of this type, if not `fold`."""
        return self.fold

    def visit(self, m: Moment) -> int:
        """Take the beginning of a visit, after the event that begins it. Returns the signals it raises."""
        return 0

    def is_duplicate(self, m: Moment, event: Any) -> bool | None:
        """Whether an event it listens to is known already by an id of its own; None: its message's id tells."""
        return None

    # A rule.

    def evaluate(self, m: Moment) -> int:
        """Say what follows as of now. Returns when it is to be evaluated by itself (ms, later than now); 0: never."""
        return 0

    def forget(self, m: Moment, reason: str) -> None:
        """The shopper is forgotten: take back what it counted, and tell what ends. Tags held are left by the fold."""

    # For people.

    def shown(self, state: Any) -> bool:
        """Whether a shopper with such a state has a public hash."""
        return False

    def public(self, state: Any) -> dict[str, str | int]:
        """Its few short fields of the public hash."""
        return {}

    def describe(self, state: Any, view: View) -> dict[str, Any]:
        """What its state says, JSON-able; merged into the whole profile. Times in ms, money in minor units."""
        return {}
