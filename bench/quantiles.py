"""Percentiles."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

from msgspec import Struct


class Quantiles(Struct, frozen=True):
    """Of `count` values: the median, the 99th percentile, the most and the 99.9th percentile."""

    count: int
    p50: float
    p99: float
    most: float
    p999: float | None = None


def quantiles(values: Iterable[float]) -> Quantiles:
    """By nearest rank: each is a value that occurred. ValueError without values.

    >>> quantiles(range(1, 201))
    Quantiles(count=200, p50=100, p99=198, most=200, p999=200)
    """
    found = sorted(values)
    if not found:
        raise ValueError("no values")
    return Quantiles(len(found), nearest(found, 0.5), nearest(found, 0.99), found[-1], nearest(found, 0.999))


def nearest(found: list[float], share: float) -> float:
    """The least of the sorted values that is not below `share` of them.

    >>> nearest([1, 2, 3], 0.5), nearest([7], 0.99)
    (2, 7)
    """
    return found[ceil(share * len(found)) - 1]
