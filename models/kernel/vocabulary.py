"""Names that recur in profiles (categories, devices, channels), replaced by small whole numbers.

Append-only and bounded: beyond the bound a name is stored as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

BOUND = 4_096


class Vocabulary:
    """Names and ids of one shard (`names` by id), and which names are new since `taken` was last called."""

    def __init__(self, known: Mapping[str, int] | None = None) -> None:
        self.ids = dict(known or {})
        self.names = sorted(self.ids, key=self.ids.__getitem__)
        self._new: dict[str, int] = {}

    def id(self, name: str) -> int | str:
        """The name's id, given now if it has none; the name itself once the vocabulary is full.

        >>> v = Vocabulary({"shoes": 0})
        >>> v.id("shoes"), v.id("bags"), v.taken(), v.taken()
        (0, 1, {'bags': 1}, {})
        """
        known = self.ids.get(name)
        if known is not None:
            return known
        if len(self.ids) >= BOUND:
            return name
        new = self.ids[name] = self._new[name] = len(self.ids)
        self.names.append(name)
        return new

    def taken(self) -> dict[str, int]:
        """The names added since the last call, to be committed."""
        new, self._new = self._new, {}
        return new
