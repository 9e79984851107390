"""The names of events that feeds write, and what each of them means in the contract.

Names are compared in their normalised form, so letter case, blanks, `_` and `-` make no difference. A convention's
fields are renamed to ours; a field that already has our name wins over one that is renamed to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
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
