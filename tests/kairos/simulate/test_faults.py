"""Faults: as many as asked for; what the shop says stays the same, and what is bad is refused for what it is."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest
from msgspec.structs import replace

from kairos.replay.row import Row
from kairos.replay.segment import Segment
from kairos.simulate.settings import BUSY, START, SimulationSettings
from kairos.simulate.shop import Shop
from models.decoding.decoder import Decoder
from models.features import ShopSettings
from models.kernel.settings import DAY, HOUR, MINUTE

SOUND = replace(BUSY, end=START + 40 * DAY)
CODES = {"not_json", "bad_timestamp", "absurd_quantity", "wrong_type", "unknown_currency", "missing_id"}


def rows(settings: SimulationSettings) -> list[Row]:
    return list(Shop(settings))


def behind(found: list[Row]) -> list[int]:
    """How far each row is behind the newest before it, in ms."""
    newest, lags = 0, []
    for at, *_ in found:
        assert at is not None
        lags.append(max(0, newest - at))
        newest = max(newest, at)
    return lags


@pytest.fixture(scope="module")
def sound() -> list[Row]:
    return rows(SOUND)


def test_duplicates_are_the_same_bytes_again(sound: list[Row]) -> None:
    found = Counter(rows(replace(SOUND, duplicates=0.1)))
    assert found.keys() == set(sound)
    share = sum(count - 1 for count in found.values()) / len(sound)
    assert 0.09 < share < 0.11


@pytest.mark.parametrize(("fault", "least", "most"), [("late", HOUR, 5 * DAY), ("out_of_order", 1, 2 * MINUTE)])
def test_delayed_rows_keep_their_own_time(sound: list[Row], fault: str, least: int, most: int) -> None:
    found = rows(replace(SOUND, **{fault: 0.05}))
    assert sorted(found, key=repr) == sorted(sound, key=repr)
    lags = [lag for lag in behind(found) if lag]
    assert max(lags) < most
    if fault == "late":
        assert 0.04 < sum(lag >= least for lag in lags) / len(sound) < 0.06
    else:  # a short delay is only seen where other rows come meanwhile
        assert 0 < len(lags) / len(sound) < 0.05


def test_bad_rows_come_besides_and_each_is_refused(sound: list[Row]) -> None:
    found = rows(replace(SOUND, bad=0.05))
    assert Counter(sound) <= Counter(found)
    added = list((Counter(found) - Counter(sound)).elements())
    assert 0.04 < len(added) / len(sound) < 0.06
    read = Decoder(ShopSettings()).read
    codes = Counter(rejected.code for row in added if (rejected := read(row[3], recorded=-1).rejected))
    assert codes.keys() == CODES
    assert sum(codes.values()) == len(added)
    assert all(read(row[3], recorded=-1).rejected is None for row in sound)


def test_rows_are_what_replay_reads_from_the_same_lines() -> None:
    found = rows(replace(SOUND, duplicates=0.02, late=0.02, out_of_order=0.02, bad=0.02))
    assert Segment([], ShopSettings()).rows([row[3] for row in found]) == found


def test_no_order_is_lost_or_doubled_by_faults(sound: list[Row]) -> None:
    def orders(found: list[Row]) -> set[str]:
        completed = [row[3] for row in found if b'"Order Completed"' in row[3] and row[2] is not None]
        return {msgspec.json.decode(value)["properties"]["order_id"] for value in completed}

    assert len(orders(sound)) > 100
    assert orders(rows(replace(SOUND, duplicates=0.5, late=0.2, out_of_order=0.3, bad=0.5))) == orders(sound)
