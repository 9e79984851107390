"""What senders keep, in plain dicts: for tests, and as the model the Redis store is compared with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from sinks.webhooks.delivery_store import ENDED, RETRACTED, UNSENT, Change, Claimed, Outcome, Switch
from sinks.webhooks.message import Place

Key = tuple[str, Place]


class MemoryDeliveryStore:
    """Implements `sinks.webhooks.delivery_store.DeliveryStore`.

    Attributes
    ----------
    ended
        By endpoint, the messages that came to their end, the newest first.
    """

    def __init__(self) -> None:
        self.ended: dict[str, list[bytes]] = {}
        self._own: dict[Key, tuple[str, int]] = {}
        self._offsets: dict[Key, tuple[int, int]] = {}
        self._kept: dict[Key, dict[int, bytes]] = {}
        self._unsent: dict[str, dict[str, None]] = {}
        self._counts: dict[str, Counter[str]] = {}
        self._retracted: dict[Place, dict[str, None]] = {}
        self._off: dict[str, Switch] = {}

    def claim(self, endpoint: str, place: Place, token: str, start: int) -> Claimed:
        """Take a partition of an endpoint over."""
        key = endpoint, place
        self._own[key] = token, 0
        return Claimed(*self._offsets.setdefault(key, (start, start)), dict(self._kept.get(key, {})))

    def commit(self, endpoint: str, place: Place, token: str, change: Change) -> Outcome:
        """Write a commit, or recognise it as written."""
        key = endpoint, place
        if self._own.get(key) == (token, change.seq):
            return "OK"
        if self._own.get(key) != (token, change.seq - 1):
            return "FENCED"
        self._own[key] = token, change.seq
        self._offsets[key] = change.offset, change.read
        kept = self._kept.setdefault(key, {})
        kept |= change.keep
        for at in change.drop:
            kept.pop(at, None)
        unsent = self._unsent.setdefault(endpoint, {})
        unsent |= dict.fromkeys(change.unsent)
        for message in change.sent:
            unsent.pop(message, None)
        self._unsent[endpoint] = dict.fromkeys(list(unsent)[-UNSENT:])
        self.ended[endpoint] = [*reversed(change.ended), *self.ended.get(endpoint, [])][:ENDED]
        self._counts.setdefault(endpoint, Counter()).update(change.counts)
        return "OK"

    def unsent(self, endpoint: str) -> list[str]:
        """Messages that the endpoint never got, the oldest first."""
        return list(self._unsent.get(endpoint, {}))

    def counts(self, endpoint: str) -> Mapping[str, int]:
        """The endpoint's counters."""
        return dict(self._counts.get(endpoint, {}))

    def offset(self, endpoint: str, place: Place) -> int | None:
        """Where the endpoint reads on; None if it never had the partition."""
        return self._offsets.get((endpoint, place), (None,))[0]

    def retract(self, place: Place, ids: Iterable[str], now: int) -> None:
        """Remember what messages of a partition have taken back."""
        known = self._retracted.get(place, {}) | dict.fromkeys(ids)
        self._retracted[place] = dict.fromkeys(list(known)[-RETRACTED:])

    def retracted(self, place: Place) -> list[str]:
        """What messages of a partition have taken back, the oldest first."""
        return list(self._retracted.get(place, {}))

    def switch(self, endpoint: str, off: Switch | None) -> None:
        """Switch an endpoint off, or on (None)."""
        if off is None:
            self._off.pop(endpoint, None)
        else:
            self._off[endpoint] = off

    def switched(self, endpoint: str) -> Switch | None:
        """Whether an endpoint is switched off."""
        return self._off.get(endpoint)
