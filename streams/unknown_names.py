"""The commonest names of events that nobody understands: so that a purchase under an unknown name is not silent."""

from __future__ import annotations

import json

KEPT = 32
"""Names kept by a shard."""
LONGEST = 64
"""Characters of a name that are kept."""


class UnknownNames:
    """Counts names in bounded room: one that comes when all places are taken takes that of the rarest, and its count.

    A count is then too large by no more than that of the rarest. Source: Metwally, Agrawal, El Abbadi, "Efficient
    computation of frequent and top-k elements in data streams" (ICDT 2005), algorithm Space-Saving.
    """

    def __init__(self, stored: str = "") -> None:
        self.counts: dict[str, int] = dict(json.loads(stored)) if stored else {}

    def add(self, name: str) -> None:
        """Count a name once.

        >>> names = UnknownNames()
        >>> for name in ("Kauf", "Wheel Spun", "Kauf"): names.add(name)
        >>> names.encode()
        '[["Kauf",2],["Wheel Spun",1]]'
        """
        name = name[:LONGEST]
        before = self.counts.get(name)
        if before is None:
            before = 0
            if len(self.counts) >= KEPT:
                rarest = min(self.counts, key=self.counts.__getitem__)
                before = self.counts.pop(rarest)
        self.counts[name] = before + 1

    def encode(self) -> str:
        """The names with their counts, as text."""
        return json.dumps(list(self.counts.items()), separators=(",", ":"), ensure_ascii=False)
