"""The bytes of a file or of standard input, unpacked where their first bytes say that they are packed."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from kairos.errors import ReplayError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

STDIN = "-"
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
"""How gzip (RFC 1952, section 2.3.1) and Zstandard (RFC 8878, section 3.1.1) begin."""
HEADER = 16
"""Bytes: as many at most are waited for. Unpackers ask for a few at a time of a header, by the thousand of the rest."""


class Readable(Protocol):
    """What a stream is read by."""

    def read1(self, size: int, /) -> bytes:
        """At most `size` bytes: those that are there, waiting only where there is none; b"" at the end."""
        ...


class Arriving:
    """A stream that an unpacker reads like a file, without waiting for more than there is: a pipe may be slow."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._head = b""
        self._head = self.read(len(ZSTD))

    def starts(self, magic: bytes) -> bool:
        """Whether the stream begins so. To be asked before anything is read."""
        return self._head.startswith(magic)

    def read1(self, size: int) -> bytes:
        """What is there."""
        head, self._head = self._head[:size], self._head[size:]
        return head or self._stream.read1(size)

    def read(self, size: int = -1) -> bytes:
        """What is there, but all of a few bytes."""
        found = self.read1(size)
        while len(found) < size <= HEADER and (more := self.read1(size - len(found))):
            found += more
        return found


def check(files: Sequence[str]) -> None:
    """Raises ReplayError for the first file that is not there."""
    for file in files:
        if file != STDIN and (not Path(file).exists() or Path(file).is_dir()):
            raise ReplayError(f"{file}: no such file")


@contextmanager
def opened(file: str) -> Iterator[Readable]:
    """Open a file, or `-` for standard input, unpacked.

    Raises
    ------
    ReplayError
        It cannot be read, or, while it is read, it is damaged or ends too early.
    """
    try:
        if file == STDIN:
            yield _unpacked(cast("Readable", sys.stdin.buffer))
        else:
            with open(file, "rb") as stream:
                yield _unpacked(stream)
    except (OSError, EOFError, zlib.error, zstd.ZstdError) as error:
        raise ReplayError(f"{shown(file)}: cannot be read: {error}") from None


def shown(file: str) -> str:
    """How a file is called in messages."""
    return "standard input" if file == STDIN else file


def _unpacked(stream: Readable) -> Readable:
    arriving = Arriving(stream)
    if arriving.starts(GZIP):
        return gzip.GzipFile(fileobj=cast("BinaryIO", arriving))
    if arriving.starts(ZSTD):
        return zstd.ZstdFile(cast("BinaryIO", arriving))
    return arriving
