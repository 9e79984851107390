"""The simulated shop's rates: near the real ones as docs/simulator.md says, and the real ones as the data have them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from bench.simulator import measure, real, simulated
from bench.simulator.page import shown
from bench.simulator.rates import HITS, PURCHASES, Rate
from kairos.simulate.settings import CALIBRATED, Funnel
from kairos.simulate.shop import Shop
from models.kernel.settings import DAY

pytestmark = pytest.mark.slow

PAGE = Path(__file__).resolve().parents[2] / "docs" / "simulator.md"
EVERY = [*HITS, *PURCHASES]


def needs(file: Path) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not file.exists(), reason=f"the {file.parent.name} data set is not here")


def far(rates: tuple[Rate, ...], found: measure.Rates) -> dict[str, float]:
    return {rate.key: found[rate.key] for rate in rates if not rate.holds(found[rate.key])}


def test_visits_carts_and_orders_are_as_in_the_real_shop() -> None:
    found = measure.hits(simulated.hits(Shop(replace(CALIBRATED, shoppers=20_000, end=CALIBRATED.start + 90 * DAY))))
    assert far(HITS, found) == {}


def test_buyers_come_back_as_in_the_real_shop() -> None:
    """The loyalty of the calibrated shop; that everybody buys at the first visit only makes many buyers of few rows."""
    funnel = Funnel(look=1, cart=1, order=1, later=0, again=(0.01, 100.0), length=0.1, reported=0, reloaded=0)
    weeks = 39 * 7 * DAY
    settings = replace(CALIBRATED, shoppers=6_000, within=weeks, end=CALIBRATED.start + weeks, funnel=funnel)
    assert far(PURCHASES, measure.purchases(*simulated.purchases(Shop(settings)))) == {}


@needs(real.GA360)
def test_the_real_rates_of_visits_carts_and_orders() -> None:
    found = measure.hits(real.ga360())
    assert {rate.key: rate.real for rate in HITS} == pytest.approx(found, abs=5e-5)


@needs(real.CDNOW)
def test_the_real_rates_of_buyers_who_come_back() -> None:
    found = measure.purchases(real.cdnow(), real.CDNOW_END)
    assert {rate.key: rate.real for rate in PURCHASES} == pytest.approx(found, abs=5e-5)


def test_the_page_has_every_rate_and_each_holds() -> None:
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \| ([^|]+?) \| ± ([^|]+?) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert [row[0] for row in rows] == [rate.what for rate in EVERY]
    for rate, (_, of_real, of_shop, tolerance) in zip(EVERY, rows, strict=True):
        assert (of_real, tolerance) == (shown(rate, rate.real), shown(rate, rate.tolerance))
        figure = float(of_shop.split()[0]) / (100 if rate.unit == "%" else 1)
        assert rate.holds(figure), rate.what
