"""The made-up shop: the same at every run, in order of time, and read without complaint."""

from __future__ import annotations

from itertools import islice, pairwise

from kairos.shop import ABSURD, OPENED, Shop
from models.reader import Reader
from models.settings import Settings
from tests.kairos.shops import sold


def test_the_same_seed_gives_the_same_shop() -> None:
    assert sold(12) == sold(12)
    assert sold(12) != sold(12, seed=8)


def test_rows_come_in_order_of_time() -> None:
    rows = list(islice(Shop(), 3000))
    assert all(a[0] <= b[0] for a, b in pairwise(rows) if a[0] is not None and b[0] is not None)
    assert rows[0][0] == OPENED


def test_the_engine_reads_rows_as_they_say() -> None:
    reader = Reader(Settings())
    roles = set()
    for e, role, key, value in islice(Shop(), 3000):
        reading = reader.read(value, recorded=-1)
        assert reading.rejected is None or str(ABSURD).encode() in value
        assert (reading.e, reading.role, reading.shopper.encode()) == (e, role, key)
        roles.add(role)
    assert roles == {0, 1, 2}
