"""The stream keeps the data contract, and is the same each time."""

from __future__ import annotations

from collections import Counter

from bench.stream import END, SHOP, SHOPPERS, SPAN, Stream
from models.decoding.decoder import Decoder
from models.kernel.events import CART, CLICKSTREAM, ORDER

ROWS = [row for rows in Stream(12_000) for row in rows]


def test_every_message_is_read_as_the_row_says():
    read = Decoder(SHOP).read
    for e, role, key, value in ROWS:
        reading = read(value, END)
        assert (reading.e, reading.role, reading.shopper.encode()) == (e, role, key)
        assert reading.rejected is None
        assert not reading.clamped


def test_ids_are_unique_and_time_never_goes_back():
    read = Decoder(SHOP).read
    assert len({read(value, END).message for *_, value in ROWS}) > len(ROWS) - 5  # 32 bits: a clash is possible
    times = [row[0] for row in ROWS]
    assert times == sorted(times)
    assert times[0] == END - SPAN
    assert times[-1] < END


def test_shares_and_sizes():
    roles = Counter(row[1] for row in ROWS)
    assert [round(roles[role] / len(ROWS), 2) for role in (CLICKSTREAM, CART, ORDER)] == [0.85, 0.1, 0.05]
    assert 320 < sum(len(row[3]) for row in ROWS) / len(ROWS) < 350
    assert len({row[2] for row in ROWS}) < SHOPPERS


def test_the_same_again_and_another_by_seed():
    assert [row for rows in Stream(12_000) for row in rows] == ROWS
    assert next(iter(Stream(50, seed=8))) != next(iter(Stream(50)))
