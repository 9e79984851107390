"""From the command line to the shop: what goes together, and what does not."""

from __future__ import annotations

import pytest

from kairos.errors import UsageError
from kairos.simulate.options import Options, due, shop
from kairos.simulate.settings import BUSY, CALIBRATED, START
from models.settings import DAY, HOUR, SECOND

NOW = START + 400 * DAY


def test_ninety_days_of_the_calibrated_shop_unless_asked_otherwise() -> None:
    found = shop(Options(), NOW)
    assert (found.start, found.end) == (START, START + 90 * DAY)
    assert (found.funnel, found.shoppers, found.within) == (CALIBRATED.funnel, 10_000, 90 * DAY)
    assert due(Options(), found.start) is None


def test_shoppers_come_within_the_time_it_is_open() -> None:
    found = shop(Options(shoppers=500, days=2.0, preset="busy"), NOW)
    assert (found.shoppers, found.within, found.funnel) == (500, 2 * DAY, BUSY.funnel)


def test_live_opens_now_and_keeps_its_rate() -> None:
    options = Options(live=True, rate=50.0)
    found = shop(options, NOW)
    assert (found.start, found.end, found.rate) == (NOW, None, 50.0)
    paced = due(options, found.start)
    assert paced is not None
    assert paced(10**6, NOW + HOUR) == 3600.0


def test_live_has_ten_events_a_second_or_so_many_shoppers() -> None:
    assert shop(Options(live=True), NOW).rate == 10.0
    sized = shop(Options(live=True, shoppers=500), NOW)
    assert (sized.rate, sized.shoppers) == (None, 500)


@pytest.mark.parametrize(("options", "second"), [(Options(rate=10.0), 5.0), (Options(speed=60.0), 1.0)])
def test_paced_without_an_end(options: Options, second: float) -> None:
    found = shop(options._replace(out="-"), NOW)
    assert found.end is None
    paced = due(options, found.start)
    assert paced is not None
    assert paced(50, found.start + 60 * SECOND) == second


def test_into_kafka_nothing_goes_that_is_ahead_of_its_clock() -> None:
    assert shop(Options(speed=60.0), NOW).end == NOW
    for ahead in (Options(days=500.0), Options(until=NOW + HOUR), Options(start=NOW + 1)):
        with pytest.raises(UsageError, match="lies ahead"):
            shop(ahead, NOW)
        shop(ahead._replace(out="file.jsonl"), NOW)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (Options(live=True, start=START), "--start"),
        (Options(live=True, speed=2.0), "--speed"),
        (Options(rate=1.0, speed=2.0), "--rate"),
        (Options(live=True, rate=1.0, shoppers=5), "--shoppers"),
        (Options(days=1.0, until=START + DAY), "--until"),
        (Options(until=START), "before"),
        (Options(days=0.0), "before"),
        (Options(late=0.6, out_of_order=0.6), "--late"),
        (Options(start=0), "1990"),
    ],
)
def test_what_does_not_go_together_is_said(options: Options, named: str) -> None:
    with pytest.raises(UsageError, match=named):
        shop(options, NOW)
