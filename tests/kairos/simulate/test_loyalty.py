"""Buying again, without a shop around it, beside the closed forms of BG/NBD (Fader, Hardie, Lee 2005)."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from kairos.simulate.calls import Writer
from kairos.simulate.catalogue import Catalogue
from kairos.simulate.draws import Draws
from kairos.simulate.loyalty import ABSENCE, next_purchase
from kairos.simulate.people import Person, stranger
from kairos.simulate.places import PLACES
from kairos.simulate.settings import CALIBRATED, START
from kairos.simulate.visit import Floor
from models.kernel.settings import DAY

BUYERS = 6_000
WEEK = 7 * DAY


def floor(**changes: object) -> Floor:
    settings = replace(CALIBRATED, **changes)
    return Floor(settings, Draws(settings.seed), Writer("t"), Catalogue("USD"))


def history(floor: Floor, person: Person) -> list[int]:
    """A buyer's purchases in the year after the first, the first left out."""
    person.buys, at, found = 1, START, []
    while (due := next_purchase(floor, person, at)) is not None and due < START + 52 * WEEK:
        person.buys, at = person.buys + 1, due
        found.append(due)
    return found


@pytest.fixture(scope="module")
def year() -> list[list[int]]:
    shop = floor(loyalty=replace(CALIBRATED.loyalty, comeback=0.0))
    return [history(shop, stranger(n, PLACES[0], shop.settings, shop.draws)) for n in range(BUYERS)]


@pytest.mark.parametrize("weeks", [13, 26, 52])
def test_the_share_that_buys_again_is_that_of_the_model(year: list[list[int]], weeks: int) -> None:
    """P(X(t) = 0) = (alpha / (alpha + t))^r, from the first purchase on: equation (8) with x = 0."""
    r, alpha = CALIBRATED.loyalty.r, CALIBRATED.loyalty.alpha
    expected = 1 - (alpha / (alpha + weeks)) ** r
    found = sum(any(at < START + weeks * WEEK for at in bought) for bought in year) / BUYERS
    assert abs(found - expected) < 0.02  # three standard errors


def test_the_mean_is_that_of_the_model(year: list[list[int]]) -> None:
    """E[X(t)], equation (9), by integrating over 400,000 draws of the rate and the dropout from numpy."""
    rng, loyalty = np.random.default_rng(1), CALIBRATED.loyalty
    rate = rng.gamma(loyalty.r, 1 / loyalty.alpha, 400_000)
    gone = rng.beta(loyalty.a, loyalty.b, 400_000)
    expected = np.mean((1 - np.exp(-rate * gone * 26)) / gone)  # E[X(t) | lambda, p], equation (5)
    found = sum(sum(at < START + 26 * WEEK for at in bought) for bought in year) / BUYERS
    assert abs(found - expected) < 0.1


def test_some_who_were_gone_come_back_after_three_months() -> None:
    shop = floor(loyalty=replace(CALIBRATED.loyalty, comeback=1.0))
    person = stranger(1, PLACES[0], shop.settings, shop.draws)
    person.buys, person.dropout = 2, 1.0
    due = next_purchase(shop, person, START)
    assert due is not None
    assert due - START > (ABSENCE[0] - 1) * DAY
