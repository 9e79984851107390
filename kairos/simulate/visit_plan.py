"""What a visit comes to, and which visits follow from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from kairos.simulate import basket, browse, orders
from kairos.simulate.loyalty import next_purchase
from kairos.simulate.people import Person
from kairos.simulate.visit import Floor, Visit
from models.kernel.settings import DAY, HOUR, MINUTE

GLANCE = (1.57, 0.9)
"""Calls of a visit without a look at a product: median and sigma of the logarithm, before rounding down."""
LOOK = (11.5, 0.72)
LEFT = (18.0, 0.82)
BOUGHT = (32.0, 0.69)
PRODUCTS = {LOOK: 0.21, LEFT: 0.17, BOUGHT: 0.13}
"""Products looked at for each call of a visit."""
ADDS_LEFT = 1.35
"""Products put into a cart beyond the first, in the mean: of one that is left, of one that is ordered."""
ADDS_BOUGHT = 2.2
DECIDE = (6.3, 0.85)
"""Minutes from the last product added to the order: median, standard deviation of the logarithm."""
LATER = (12.0, 1.5)
"""Hours until a cart is ordered in a visit of its own; never less than `SOONEST`."""
SOONEST = 32 * MINUTE
AGAIN = (1.0, 2.9)
"""Days until the next visit, between `SOONEST` and `LONGEST`."""
LONGEST = 45.0
LOGIN = 0.1
"""Share of visits with a login that no order asks for."""


class Planned(NamedTuple):
    """A visit to come, at `at` (ms)."""

    at: int
    person: Person
    plot: Callable[[Floor, Person, int], tuple[Visit, list[Planned]]]


def wander(floor: Floor, person: Person, at: int) -> tuple[Visit, list[Planned]]:
    """A visit nothing is known about beforehand. Who bought before does not buy now: see `buy`."""
    visit, funnel, draws = Visit(floor, person, at), floor.settings.funnel, floor.draws
    plans = _again(floor, person, at)
    if not draws.chance(funnel.look):
        browse.pages(visit, _calls(visit, GLANCE), person.category(draws))
    elif not draws.chance(funnel.cart):
        _shelves(visit, LOOK, 0)
    elif person.buys or not draws.chance(_willing(floor, at)):
        _leave(visit)
    elif draws.chance(funnel.later):
        _leave(visit)
        days = max(SOONEST, draws.lognormal(*LATER) * HOUR) / DAY
        plans.append(Planned(person.at(visit.at, days, draws), person, finish))
    else:
        return _bought(visit, plans)
    return visit, plans


def buy(floor: Floor, person: Person, at: int) -> tuple[Visit, list[Planned]]:
    """A buyer comes back to buy."""
    return _bought(Visit(floor, person, at), [])


def finish(floor: Floor, person: Person, at: int) -> tuple[Visit, list[Planned]]:
    """Somebody comes back for a cart."""
    visit, first = Visit(floor, person, at), person.buys == 0
    browse.pages(visit, 1 + floor.draws.geometric(1.0), person.category(floor.draws))
    _order(visit)
    return visit, next_purchase_of(visit) if first and person.buys else []


def next_purchase_of(visit: Visit) -> list[Planned]:
    """The visit in which a buyer will buy again, if any."""
    at = next_purchase(visit.floor, visit.person, visit.at)
    return [] if at is None else [Planned(at, visit.person, buy)]


def _bought(visit: Visit, plans: list[Planned]) -> tuple[Visit, list[Planned]]:
    _shelves(visit, BOUGHT, 1 + visit.draws.geometric(ADDS_BOUGHT))
    _order(visit)
    return visit, plans + next_purchase_of(visit)


def _calls(visit: Visit, shape: tuple[float, float]) -> int:
    return max(1, int(visit.draws.lognormal(*shape) * visit.floor.settings.funnel.length))


def _shelves(visit: Visit, shape: tuple[float, float], adds: int) -> None:
    """Pages and products in turn; so many of the latter go into the cart, one of them at the end."""
    calls = _calls(visit, shape)
    looks = max(1, round(calls * PRODUCTS[shape]))
    pages = max(1, calls - 2 * looks - adds)
    category = visit.person.category(visit.draws)
    for turn in range(looks):
        browse.pages(visit, pages * (turn + 1) // looks - pages * turn // looks, category)
        product = browse.product(visit, category)
        for more in range(adds * (turn + 1) // looks - adds * turn // looks):
            if more:
                visit.think()
                product = visit.floor.catalogue.pick(category, visit.draws)
            basket.add(visit, product)
        if turn + 1 < looks:
            visit.think()


def _leave(visit: Visit) -> None:
    """Fill a cart and go."""
    _shelves(visit, LEFT, 1 + visit.draws.geometric(ADDS_LEFT))
    basket.reconsider(visit)
    visit.think()
    if visit.draws.chance(0.5):
        basket.view(visit)
        visit.think()
    if visit.draws.chance(visit.floor.settings.funnel.checkout):
        basket.checkout(visit)
    elif visit.draws.chance(LOGIN):
        visit.login()


def _order(visit: Visit) -> None:
    """From the cart through the checkout to the order."""
    begun, wait = visit.at, visit.draws.lognormal(*DECIDE) * MINUTE
    visit.at = begun + int(wait * 0.2)
    basket.view(visit)
    visit.at = begun + int(wait * 0.4)
    basket.checkout(visit)
    visit.at = begun + int(wait)
    if order := orders.place(visit):
        orders.follow(visit, order)


def _willing(floor: Floor, at: int) -> float:
    """Share of carts of newcomers that are ordered."""
    drift = floor.settings.drift
    return floor.settings.funnel.order * (0.5 if drift is not None and at >= drift else 1.0)


def _again(floor: Floor, person: Person, at: int) -> list[Planned]:
    draws = floor.draws
    if not draws.chance(person.again):
        return []
    days = min(max(draws.lognormal(*AGAIN), SOONEST / DAY), LONGEST)
    return [Planned(person.at(at, days, draws), person, wander)]
