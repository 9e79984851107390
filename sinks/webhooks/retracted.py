"""Ids that later messages have taken back: what carries one of them is not sent any more."""

from __future__ import annotations

from collections.abc import Iterable

from sinks.webhooks.delivery_store import RETRACTED
from sinks.webhooks.message import Place


class Retracted:
    """Those of the partitions at hand, the newest of each.

    >>> known = Retracted()
    >>> known.add(Place("churn-alerts", 0), ["a"])
    >>> "a" in known, "b" in known
    (True, False)
    """

    def __init__(self, most: int = RETRACTED) -> None:
        self._most = most
        self._places: dict[Place, dict[str, None]] = {}

    def add(self, place: Place, ids: Iterable[str]) -> None:
        """Ids that messages of a partition take back."""
        known = self._places.setdefault(place, {})
        known |= dict.fromkeys(ids)
        while len(known) > self._most:
            del known[next(iter(known))]

    def forget(self, place: Place) -> None:
        """A partition is somebody else's."""
        self._places.pop(place, None)

    def __contains__(self, message: str) -> bool:
        return any(message in known for known in self._places.values())
