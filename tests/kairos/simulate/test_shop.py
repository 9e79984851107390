"""The shop: the same at every run, in order of time, and as busy as it is asked to be."""

from __future__ import annotations

import hashlib
from collections import Counter
from itertools import islice, pairwise
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from kairos.replay.row import Row
from kairos.simulate.settings import BUSY, CALIBRATED, DEMO, DEMO_HISTORY, START, SimulationSettings
from kairos.simulate.shop import Shop
from models.kernel.settings import DAY

DIGESTS = {
    "calibrated": (CALIBRATED, "8a7680a924eb8d09f8c444ead7c7ebaf"),
    "demo": (DEMO, "11d52a93eb910c12bb88f4ab51298c61"),
}


def read(rows: list[Row]) -> list[dict[str, Any]]:
    return [msgspec.json.decode(row[3]) for row in rows]


def orders(settings: SimulationSettings) -> list[int]:
    """Event time of each order's first report."""
    first: dict[str, int] = {}
    for at, _, _, value in Shop(settings):
        if b'"Order Completed"' in value and at is not None:
            first.setdefault(msgspec.json.decode(value)["properties"]["order_id"], at)
    return list(first.values())


@pytest.mark.parametrize("name", DIGESTS)
def test_the_same_seed_gives_the_same_rows_on_every_python(name: str) -> None:
    settings, digest = DIGESTS[name]
    lines = b"\n".join(row[3] for row in islice(Shop(settings), 5000))
    assert hashlib.blake2b(lines, digest_size=16).hexdigest() == digest


def test_another_seed_gives_another_shop() -> None:
    one, other = (list(islice(Shop(replace(BUSY, seed=seed)), 200)) for seed in (7, 8))
    assert [row[3] for row in one] != [row[3] for row in other]


def test_rows_come_in_order_of_time_between_start_and_end() -> None:
    settings = replace(BUSY, start=START + 5 * DAY, end=START + 25 * DAY)
    times = [row[0] for row in Shop(settings)]
    assert len(times) > 1000
    assert all(a is not None and b is not None and a <= b for a, b in pairwise(times))
    assert settings.start <= (times[0] or 0)
    assert settings.end is not None
    assert settings.end - DAY < (times[-1] or 0) < settings.end


def test_the_end_only_cuts() -> None:
    whole = list(islice(Shop(BUSY), 3000))
    end = whole[-1][0]
    assert end is not None
    cut = list(Shop(replace(BUSY, end=end)))
    assert cut == [row for row in whole if (row[0] or 0) < end]


def test_ids_of_messages_orders_and_refunds_are_given_once_and_not_again_at_another_time() -> None:
    seen: Counter[str] = Counter()
    for start in (START, START + DAY):
        settings = replace(BUSY, start=start, end=start + 20 * DAY, funnel=replace(BUSY.funnel, reported=0, reloaded=0))
        for call in read(list(Shop(settings))):
            seen[call["messageId"]] += 1
            if call.get("event") == "Order Completed":
                seen[call["properties"]["order_id"]] += 1
            seen[call.get("properties", {}).get("refund_id", "")] += call.get("event") == "Order Refunded"
    assert set(seen.values()) - {0} == {1}
    assert any(key.startswith("o-") for key in seen)


def test_as_many_people_come_as_are_asked_for() -> None:
    settings = replace(CALIBRATED, shoppers=3000, within=30 * DAY, end=START + 30 * DAY)
    devices = {call["anonymousId"].rstrip("b") for call in read(list(Shop(settings)))}
    assert abs(len(devices) - 3000) < 4 * 3000**0.5


def test_after_the_drift_half_as_much_is_bought() -> None:
    drift, end = START + 60 * DAY, START + 120 * DAY
    steady = orders(replace(BUSY, end=end))
    drifted = orders(replace(BUSY, end=end, drift=drift))
    assert [at for at in drifted if at < drift - DAY] == [at for at in steady if at < drift - DAY]
    after = [sum(at >= drift for at in found) for found in (steady, drifted)]
    assert 0.4 < after[1] / after[0] < 0.6


def test_a_campaign_brings_a_crowd() -> None:
    campaign = START + 10 * DAY
    settings = replace(BUSY, campaign=campaign, crowd=20.0, end=campaign + 2 * DAY)
    first: dict[str, int] = {}
    for at, _, _, value in Shop(settings):
        first.setdefault(msgspec.json.decode(value)["anonymousId"].rstrip("b"), at or 0)
    before = sum(at < campaign for at in first.values()) / 10
    after = sum(at >= campaign for at in first.values()) / 2
    assert 15 < after / before < 25


def test_the_demo_is_small_enough_to_fold_and_large_enough_for_a_table() -> None:
    rows = list(Shop(replace(DEMO, end=DEMO.start + DEMO_HISTORY)))
    buyers = {row[2] for row in rows if b'"Order Completed"' in row[3]}
    assert 35_000 <= len(rows) <= 60_000
    assert len(buyers) > 400
