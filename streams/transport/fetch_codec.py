"""Fetch requests and answers of version 11, written and read by `struct` alone.

aiokafka's own coder walks a schema field by field, which takes three to five times as long, and an idle worker does
little else than fetch. The same values come out. Brokers that do not speak version 11 get aiokafka's.
"""

from __future__ import annotations

from io import BytesIO
from struct import Struct
from typing import Any, Self

from aiokafka.protocol.fetch import FetchRequest, FetchRequest_v11, FetchResponse_v11

_COUNT = Struct(">i")
_LENGTH = Struct(">h")
_ASK = Struct(">iiiibii")
_ASKED_PARTITION = Struct(">iiqqi")
_ANSWER = Struct(">ihi")
_PARTITION = Struct(">ihqqqi")
_ABORTED = Struct(">qq")
_RECORDS = Struct(">ii")


class Answer(FetchResponse_v11):  # type: ignore[misc]
    """A fetch's answer."""

    @classmethod
    def decode(cls, data: BytesIO | bytes) -> Self:
        """Read it, as aiokafka's class does. Raises `struct.error` where bytes are missing."""
        raw = data.read() if isinstance(data, BytesIO) else data
        (count,), at = _COUNT.unpack_from(raw, _ANSWER.size), _ANSWER.size + _COUNT.size
        topics: list[tuple[str, list[Any]]] = []
        for _ in range(count):
            name, at = _text(raw, at)
            (size,), at = _COUNT.unpack_from(raw, at), at + _COUNT.size
            partitions = []
            for _ in range(size):
                partition, at = _partition(raw, at)
                partitions.append(partition)
            topics.append((name, partitions))
        return cls(*_ANSWER.unpack_from(raw, 0), topics)


def _text(raw: bytes, at: int) -> tuple[str, int]:
    (length,) = _LENGTH.unpack_from(raw, at)
    end = at + _LENGTH.size + length
    return raw[at + _LENGTH.size : end].decode(), end


def _partition(raw: bytes, at: int) -> tuple[tuple[Any, ...], int]:
    """One partition of an answer, and where the next one begins."""
    *head, many = _PARTITION.unpack_from(raw, at)
    at += _PARTITION.size
    aborted = None if many < 0 else [_ABORTED.unpack_from(raw, at + i * _ABORTED.size) for i in range(many)]
    at += max(many, 0) * _ABORTED.size
    replica, size = _RECORDS.unpack_from(raw, at)
    at += _RECORDS.size
    if size < 0:
        return (*head, aborted, replica, None), at
    return (*head, aborted, replica, raw[at : at + size]), at + size


class Ask(FetchRequest_v11):  # type: ignore[misc]
    """A fetch's request."""

    RESPONSE_TYPE = Answer

    def encode(self) -> bytes:
        """Write it, as aiokafka's class does."""
        _, _, _, _, _, _, _, topics, forgotten, rack = values = tuple(self.__dict__.values())
        assert not forgotten
        parts = [_ASK.pack(*values[:7]), _COUNT.pack(len(topics))]
        for topic, partitions in topics:
            name = topic.encode()
            parts += (_LENGTH.pack(len(name)), name, _COUNT.pack(len(partitions)))
            parts += [_ASKED_PARTITION.pack(*partition) for partition in partitions]
        name = rack.encode()
        parts += (_COUNT.pack(0), _LENGTH.pack(len(name)), name)
        return b"".join(parts)


class Fetch(FetchRequest):  # type: ignore[misc]
    """aiokafka's request of any version, written by the classes above where the broker speaks 11."""

    def __init__(self, plain: FetchRequest) -> None:
        self.__dict__.update(plain.__dict__)

    def build(self, request_struct_class: Any) -> Any:
        """The request in the version that was agreed on."""
        made = super().build(request_struct_class)
        return Ask(*made.__dict__.values()) if type(made) is FetchRequest_v11 else made


class FetchCodec:
    """Watches over one fetcher: what it asks is written and read here.

    Parameters
    ----------
    fetcher
        An `aiokafka.consumer.fetcher.Fetcher` that has not fetched yet.
    """

    def __init__(self, fetcher: Any) -> None:
        self._process = fetcher._proc_fetch_request
        fetcher._proc_fetch_request = self._processed

    async def _processed(self, assignment: Any, node: int, request: FetchRequest) -> bool:
        """In place of the fetcher's method."""
        news: bool = await self._process(assignment, node, Fetch(request))
        return news
