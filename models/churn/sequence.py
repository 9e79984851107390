"""The sequence of labels that matured since a boundary, for a learner whose steps depend on their order.

Each shard keeps its own, and all shards' together are brought into one order by when they matured and a hash of the
shopper: it is the same however shoppers are split among shards. What matured before the boundary is dropped when the
next label comes. A label takes 39 bytes, and all of them are written with each commit that adds one: so of many buyers
one in 2, 4, 8 ... is kept, drawn by the same hash as labels that stand for others (`models.churn.examples.stands_for`).
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple
from zlib import crc32

MOST = 2_000
"""About so many labels between two tables are kept, over all shards: 78 kB."""


class Label(NamedTuple):
    """A matured label: when (ms), the packed covariates, whether an order came, and for how long the buyer had been one
    when the covariates were taken (days)."""

    matured: int
    covariates: bytes
    ordered: bool
    known: float


_label = Struct(">QI22s?f")
_matured = Struct(">Q")
SIZE = _label.size


def keep(sequence: bytearray, user: str, label: Label, every: int) -> None:
    """Add a label.

    Parameters
    ----------
    sequence
        The shard's, changed in place.
    user
        Whose it is.
    every
        Time between two boundaries (ms): what is older than the last boundary before it matured is dropped.

    >>> sequence = bytearray()
    >>> for at in (10, 20, 99, 101): keep(sequence, "u1", Label(at, bytes(22), True, 7.5), 100)
    >>> [label.matured for label in labels(sequence, 0, 1000)]
    [101]
    """
    matured, *rest = label
    if sequence and _matured.unpack_from(sequence)[0] < matured // every * every:
        sequence.clear()
    sequence += _label.pack(matured, crc32(user.encode()), *rest)


def merged(sequences: bytearray) -> bytearray:
    """The labels of several shards, one sequence after the other, in one order."""
    return bytearray().join(sorted(sequences[i : i + SIZE] for i in range(0, len(sequences), SIZE)))


def labels(sequence: bytearray, begin: int, end: int) -> Iterator[Label]:
    """Labels that matured from `begin` on, before `end` (ms)."""
    for matured, _, *rest in _label.iter_unpack(sequence):
        if begin <= matured < end:
            yield Label(matured, *rest)
