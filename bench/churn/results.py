"""What the churn model costs, as it is kept in ``bench/results.json``."""

from __future__ import annotations

from msgspec import Struct

from bench.churn.footprints import Everything, Footprint


class Churn(Struct, frozen=True):
    """The findings.

    Attributes
    ----------
    labels
        Labels of the day whose table is computed.
    micros
        By operation, µs of each round for one thing.
    instructions
        By operation, for one thing; empty without valgrind.
    imports
        Seconds of processor time in which a new process imports River.
    shops, everything
        Bytes of Redis.
    """

    labels: int
    micros: dict[str, list[float]]
    instructions: dict[str, int]
    imports: list[float]
    shops: list[Footprint]
    everything: Everything
