"""From the command line to the shop: what goes together, and what does not."""

from __future__ import annotations

import pytest

from kairos.errors import UsageError
from kairos.simulate.options import SimulateOptions, due, shop
from kairos.simulate.settings import BUSY, CALIBRATED, START
from models.kernel.settings import DAY, HOUR, SECOND

NOW = START + 400 * DAY


def test_ninety_days_of_the_calibrated_shop_unless_asked_otherwise() -> None:
    found = shop(SimulateOptions(), NOW)
    assert (found.start, found.end) == (START, START + 90 * DAY)
    assert (found.funnel, found.shoppers, found.within) == (CALIBRATED.funnel, 10_000, 90 * DAY)
    assert due(SimulateOptions(), found.start) is None


def test_shoppers_come_within_the_time_it_is_open() -> None:
    found = shop(SimulateOptions(shoppers=500, days=2.0, preset="busy"), NOW)
    assert (found.shoppers, found.within, found.funnel) == (500, 2 * DAY, BUSY.funnel)


def test_live_opens_now_and_keeps_its_rate() -> None:
    options = SimulateOptions(live=True, rate=50.0)
    found = shop(options, NOW)
    assert (found.start, found.end, found.rate) == (NOW, None, 50.0)
    paced = due(options, found.start)
    assert paced is not None
    assert paced(10**6, NOW + HOUR) == 3600.0


def test_live_has_ten_events_a_second_or_so_many_shoppers() -> None:
    assert shop(SimulateOptions(live=True), NOW).rate == 10.0
    sized = shop(SimulateOptions(live=True, shoppers=500), NOW)
    assert (sized.rate, sized.shoppers) == (None, 500)


@pytest.mark.parametrize(("options", "second"), [(SimulateOptions(rate=10.0), 5.0), (SimulateOptions(speed=60.0), 1.0)])
def test_paced_without_an_end(options: SimulateOptions, second: float) -> None:
    found = shop(options._replace(out="-"), NOW)
    assert found.end is None
    paced = due(options, found.start)
    assert paced is not None
    assert paced(50, found.start + 60 * SECOND) == second


def test_into_kafka_nothing_goes_that_is_ahead_of_its_clock() -> None:
    assert shop(SimulateOptions(speed=60.0), NOW).end == NOW
    for ahead in (SimulateOptions(days=500.0), SimulateOptions(until=NOW + HOUR), SimulateOptions(start=NOW + 1)):
        with pytest.raises(UsageError, match="lies ahead"):
            shop(ahead, NOW)
        shop(ahead._replace(out="file.jsonl"), NOW)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (SimulateOptions(live=True, start=START), "--start"),
        (SimulateOptions(live=True, speed=2.0), "--speed"),
        (SimulateOptions(rate=1.0, speed=2.0), "--rate"),
        (SimulateOptions(live=True, rate=1.0, shoppers=5), "--shoppers"),
        (SimulateOptions(days=1.0, until=START + DAY), "--until"),
        (SimulateOptions(until=START), "before"),
        (SimulateOptions(days=0.0), "before"),
        (SimulateOptions(late=0.6, out_of_order=0.6), "--late"),
        (SimulateOptions(start=0), "1990"),
    ],
)
def test_what_does_not_go_together_is_said(options: SimulateOptions, named: str) -> None:
    with pytest.raises(UsageError, match=named):
        shop(options, NOW)
