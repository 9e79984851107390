"""What processes tell of themselves, for pages and people: one field of a hash each, written anew every two seconds.

It is no part of any commit, and nothing depends on it. A process that ended without a word leaves its last report,
whose `at` says how old it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import msgspec

from sinks.redis_errors import store_errors

if TYPE_CHECKING:
    from redis import Redis

HEARD = 10_000
"""Who told nothing for so long (ms) is not counted on."""
OLD = 24 * 3_600_000
"""Reports older than this (ms) are removed by whoever reports."""


class Dated(Protocol):
    """A report: `at` is the wall time (ms) of who told it."""

    @property
    def at(self) -> int: ...


R = TypeVar("R")


class Reports(Protocol):
    """Where processes report, by name. Every method may raise `sinks.store.StoreError`."""

    def report(self, name: str, value: bytes) -> None:
        """Write a report over the last one of this name."""

    def reports(self) -> Mapping[str, bytes]:
        """Every last report, by name."""

    def forget(self, names: Iterable[str]) -> None:
        """Remove reports."""


class RedisReports:
    """Implements `Reports`.

    Parameters
    ----------
    client
        A `redis.Redis` with ``decode_responses=False``; one that gives up soon.
    key
        Of the hash, as `sinks.keys` names it.
    """

    def __init__(self, client: Redis, key: str) -> None:
        self._client: Any = client
        self._key = key

    def report(self, name: str, value: bytes) -> None:
        """Write a report over the last one of this name."""
        with store_errors():
            self._client.hset(self._key, name, value)

    def reports(self) -> Mapping[str, bytes]:
        """Every last report, by name."""
        with store_errors():
            return {name.decode(): value for name, value in self._client.hgetall(self._key).items()}

    def forget(self, names: Iterable[str]) -> None:
        """Remove reports."""
        with store_errors():
            self._client.hdel(self._key, *names)


class MemoryReports:
    """Implements `Reports` in a plain dict."""

    def __init__(self) -> None:
        self._reports: dict[str, bytes] = {}

    def report(self, name: str, value: bytes) -> None:
        """Write a report over the last one of this name."""
        self._reports[name] = value

    def reports(self) -> Mapping[str, bytes]:
        """Every last report, by name."""
        return dict(self._reports)

    def forget(self, names: Iterable[str]) -> None:
        """Remove reports."""
        for name in names:
            self._reports.pop(name, None)


def readable(values: Iterable[bytes], decode: Callable[[bytes], R]) -> Iterator[R]:
    """What can be read: a process of another version may write what this one does not know.

    >>> list(readable([b"7", b"{}"], msgspec.json.Decoder(int).decode))
    [7]
    """
    for value in values:
        try:
            yield decode(value)
        except msgspec.DecodeError:
            continue


def sweep(reports: Reports, decode: Callable[[bytes], Dated], now: int) -> None:
    """Remove the reports that are a day old at `now` (wall time, ms). Raises `sinks.store.StoreError`."""
    told = reports.reports().items()
    if old := [name for name, value in told if any(report.at < now - OLD for report in readable([value], decode))]:
        reports.forget(old)
