"""Naming: which call of the contract a message is, by the name of its event or by its type."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from models.decoding.names import Meaning, normalised, with_aliases

REMEMBERED = 1 << 10
"""Names whose meaning is remembered, known or not."""
LONGEST = 100
"""Characters of the longest name that may have a meaning."""

ACTIVITY = ("page", "screen", "identify", "group", "alias")
"""Types of Segment's calls that say that somebody was there, and what Kairos does not look at."""
TYPES = {"kairos.tick": Meaning("kairos.tick"), **{name: Meaning("page") for name in ACTIVITY}}
"""What a call is by its `type`, where its event has no known name."""


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

    def known(self, event: str | None, type_: str | None) -> bool:
        """Whether the name of an event, or a call's type, has a meaning."""
        return self.event(event) is not None or self.type(type_) is not None
