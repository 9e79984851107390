"""The names of events that feeds write, and what each of them means in the contract.

Names are compared in their normalised form, so letter case, blanks, `_` and `-` make no difference. A convention's
fields are renamed to ours; a field that already has our name wins over one that is renamed to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple

from models.decoding.conventions import CONVENTIONS, NO_FIELDS, Convention, Fields


class Meaning(NamedTuple):
    """What a name means.

    Attributes
    ----------
    event
        The contract's name of the event, or `page` for a page call.
    fields
        Our names of its properties by theirs, theirs normalised. Of several that mean the same, the first that is
        there counts.
    lines
        The same for each of its products.
    """

    event: str
    fields: Fields = NO_FIELDS
    lines: Fields = NO_FIELDS


def normalised(name: str) -> str:
    """A name without letter case, blanks, `_` and `-`.

    >>> {normalised(name) for name in ("Order Completed", "order_completed", " ORDER-COMPLETED ", "orderCompleted")}
    {'ordercompleted'}
    """
    return "".join(name.casefold().replace("_", "").replace("-", "").split())


def _by_normalised(*fields: Fields) -> Fields:
    return {normalised(theirs): ours for some in fields for theirs, ours in some.items()}


def _meaning(convention: Convention, name: str) -> Meaning:
    event = convention.names[name]
    fields = _by_normalised(convention.of.get(event, NO_FIELDS), convention.fields)
    return Meaning(event, fields, _by_normalised(convention.lines))


NAMES: Mapping[str, Meaning] = {normalised(name): _meaning(c, name) for c in CONVENTIONS for name in c.names}
"""What a name means, by its normalised form."""


REMEMBERED = 1 << 10
"""Names whose meaning is remembered, known or not."""
LONGEST = 100
"""Characters of the longest name that may have a meaning."""

ACTIVITY = ("page", "screen", "group", "alias")
"""Types of Segment's calls that say that somebody was there, and what Kairos does not look at."""
TYPES = {name: Meaning(name) for name in ("kairos.tick", "identify")} | {name: Meaning("page") for name in ACTIVITY}
"""What a call is by its `type`, where its event has no known name."""


def with_aliases(own: Mapping[str, str]) -> Mapping[str, Meaning]:
    """The table of names, extended by a shop's own.

    Parameters
    ----------
    own
        A name of the table by the shop's name for it. The shop's goes before the table's.

    Raises
    ------
    ValueError
        A name that is not in the table.

    Examples
    --------
    >>> with_aliases({"Kauf": "Order Completed"})["kauf"].event
    'Order Completed'
    >>> with_aliases({"Korb": "Warenkorb"})
    Traceback (most recent call last):
    ValueError: 'Warenkorb' (for 'Korb') is not known
    """
    for theirs, name in own.items():
        if normalised(name) not in NAMES:
            raise ValueError(f"{name!r} (for {theirs!r}) is not known{_closest(name)}")
    return {**NAMES, **{normalised(theirs): NAMES[normalised(name)] for theirs, name in own.items()}}


def _closest(name: str) -> str:
    """The end of an error about an unknown name: those of the table that are closest to it, if any are."""
    known = {normalised(theirs): theirs for c in reversed(CONVENTIONS) for theirs in c.names}
    close = " or ".join(known[n] for n in get_close_matches(normalised(name), known, n=2))
    return f"; did you mean {close}?" if close else ""


class Naming:
    """Meanings of names, as a shop has them.

    Parameters
    ----------
    own
        The shop's own names, each with the known one it stands for.

    Raises
    ------
    ValueError
        A name stands for one that nobody knows.

    Examples
    --------
    >>> naming = Naming([("Kauf", "Order Completed")])
    >>> naming.event("KAUF").event, naming.event(" order_completed").event, naming.event("Wheel Spun")
    ('Order Completed', 'Order Completed', None)
    """

    def __init__(self, own: Iterable[tuple[str, str]] = ()) -> None:
        known = with_aliases(dict(own))
        self._meaning = lru_cache(maxsize=REMEMBERED)(lambda name: known.get(normalised(name)))

    def event(self, name: str | None) -> Meaning | None:
        """The meaning of an event's name; None: not known. Blanks, `_`, `-` and letter case make no difference."""
        return self._meaning(name) if name and len(name) <= LONGEST else None

    def type(self, name: str | None) -> Meaning | None:
        """The meaning of a call's type.

        >>> Naming().type("Screen").event
        'page'
        """
        return TYPES.get(normalised(name)) if name and len(name) <= LONGEST else None
