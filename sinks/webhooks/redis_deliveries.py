"""What senders keep, on Redis 7+ or Valkey: two scripts and some plain commands; an endpoint's keys are in one slot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec

from sinks.keys import check_namespace, endpoint_keys, retracted_key
from sinks.redis_errors import store_errors
from sinks.redis_script import Script
from sinks.webhooks.delivery_store import ENDED, RETRACTED, UNSENT, Change, Claimed, Outcome, Switch
from sinks.webhooks.message import Place

if TYPE_CHECKING:
    from redis import Redis


class RedisDeliveryStore:
    """Implements `sinks.webhooks.delivery_store.DeliveryStore`. Thread-safe.

    Parameters
    ----------
    client
        A `redis.Redis` (or `RedisCluster`) with ``decode_responses=False``. It may send a call again by itself.
    namespace
        First part of every key.
    """

    def __init__(self, client: Redis, namespace: str = "kairos") -> None:
        self._client: Any = client
        self._namespace = check_namespace(namespace)
        self._claim = Script(client, "endpoint_claim")
        self._commit = Script(client, "endpoint_commit")

    def claim(self, endpoint: str, place: Place, token: str, start: int) -> Claimed:
        """Take a partition of an endpoint over."""
        keys = endpoint_keys(self._namespace, endpoint)
        with store_errors():
            offset, read, kept = self._claim(
                (keys.own, keys.offsets, f"{keys.kept}{place}"), (str(place), token, start)
            )
        return Claimed(int(offset), int(read), {int(at): value for at, value in _pairs(kept)})

    def commit(self, endpoint: str, place: Place, token: str, change: Change) -> Outcome:
        """Write a commit, or recognise it as written."""
        keys = endpoint_keys(self._namespace, endpoint)
        args: list[Any] = [str(place), token, change.seq, change.offset, change.read, UNSENT, ENDED]
        args += [len(change.keep), *chain(*change.keep.items())]
        for values in change.drop, change.unsent, change.sent, change.ended:
            args += [len(values), *values]
        args += [len(change.counts), *chain(*change.counts.items())]
        with store_errors():
            answer = self._commit((*keys[:5], f"{keys.kept}{place}"), args)
        return "OK" if answer == b"OK" else "FENCED"

    def unsent(self, endpoint: str) -> list[str]:
        """Messages that the endpoint never got, the oldest first."""
        return self._texts("zrange", endpoint_keys(self._namespace, endpoint).unsent, 0, -1)

    def counts(self, endpoint: str) -> Mapping[str, int]:
        """The endpoint's counters."""
        with store_errors():
            found = self._client.hgetall(endpoint_keys(self._namespace, endpoint).counts)
        return {name.decode(): int(n) for name, n in found.items()}

    def offset(self, endpoint: str, place: Place) -> int | None:
        """Where the endpoint reads on; None if it never had the partition."""
        with store_errors():
            found = self._client.hget(endpoint_keys(self._namespace, endpoint).offsets, str(place))
        return None if found is None else int(found.split()[0])

    def retract(self, place: Place, ids: Iterable[str], now: int) -> None:
        """Remember what messages of a partition have taken back."""
        key = retracted_key(self._namespace, *place)
        with store_errors(), self._client.pipeline(transaction=False) as trip:
            trip.zadd(key, dict.fromkeys(ids, now))
            trip.zremrangebyrank(key, 0, -RETRACTED - 1)
            trip.execute()

    def retracted(self, place: Place) -> list[str]:
        """What messages of a partition have taken back, the oldest first."""
        return self._texts("zrange", retracted_key(self._namespace, *place), 0, -1)

    def switch(self, endpoint: str, off: Switch | None) -> None:
        """Switch an endpoint off, or on (None)."""
        key = endpoint_keys(self._namespace, endpoint).state
        with store_errors():
            if off is None:
                self._client.delete(key)
            else:
                self._client.set(key, _encode(off))

    def switched(self, endpoint: str) -> Switch | None:
        """Whether an endpoint is switched off."""
        with store_errors():
            found = self._client.get(endpoint_keys(self._namespace, endpoint).state)
        return None if found is None else _decode(found)

    def _texts(self, command: str, *args: str | int) -> list[str]:
        with store_errors():
            return [found.decode() for found in getattr(self._client, command)(*args)]


def _pairs(flat: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    return zip(flat[::2], flat[1::2], strict=True)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Switch).decode
