"""Whole lines out of files, in batches as they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kairos.replay.stream import opened

BLOCK = 4 << 20
"""Bytes read at once; a pipe gives what it has."""


def lines(file: str) -> Iterator[list[bytes]]:
    """Lines of a file, or of `-`, packed or not, without their line feeds; the last one may lack it.

    Raises
    ------
    ReplayError
        The file cannot be read, or is damaged.
    """
    return split(blocks(file))


def blocks(file: str) -> Iterator[bytes]:
    """The bytes of a file, unpacked, as they come. Raises as `lines`."""
    with opened(file) as stream:
        while block := stream.read1(BLOCK):
            yield block


def split(found: Iterable[bytes]) -> Iterator[list[bytes]]:
    """The lines in these bytes."""
    rest = b""
    for block in found:
        *whole, rest = (rest + block).split(b"\n")
        if whole:
            yield whole
    if rest:
        yield [rest]
