"""People with a script, so that a demo that goes on from a certain moment soon has something to say.

They do what others do, by the same calls; only when they do it is set, from the engine's own defaults. Minutes below
count from that moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from msgspec.structs import replace

from kairos.replay.row import Row
from kairos.simulate import basket, browse, orders, places
from kairos.simulate.draws import Draws
from kairos.simulate.people import Person, stranger
from kairos.simulate.visit import Floor, Visit
from models.acting.arms import arm
from models.carts.reminders import CARTS
from models.churn.alert import CHURN
from models.features import SHOPPERS
from models.kernel.events import CLICKSTREAM
from models.kernel.outputs import Arm
from models.kernel.settings import DAY, MINUTE, SECOND
from models.orders.gaps import Gaps

SETTINGS = SHOPPERS.settings()
"""The engine's defaults."""
LEAVE = (2, 6, 10, 15, 20, 25, 29)
"""When a cart that was left becomes a reminder."""
RETURN = ((-12, 3), (-8, 7), (-4, 12), (2, 16), (5, 23))
"""When a cart that was left becomes a reminder, and when it is ordered after all."""
LINGER = (4, 13, 24)
"""When a cart that was left would become a reminder, while its shopper is still looking around."""
HELD_OUT = (7, 19)
"""When a cart that was left would become a reminder, of shoppers who get none, to compare with."""
OVERDUE = ((4, (9, 12)), (9, (7, 8, 7)), (14, (13, 10)), (21, (8, 11, 9)), (27, (15, 11)))
"""When a buyer becomes overdue, and the days between the orders before."""
BEGIN = (1, 5, 11, 18, 26)
"""When somebody orders for the first time."""
FIRST = 90_001
"""The number of the first of them."""


def rows(floor: Floor, moment: int) -> list[Row]:
    """All they do, up to half an hour after `moment` (ms); before it, the longest script begins 70 days ahead."""
    draws = Draws(f"cast of {floor.settings.seed}")
    floor = replace(floor, draws=draws)
    return [row for visit in _visits(floor, moment) for row in visit.rows]


def _visits(floor: Floor, moment: int) -> Iterator[Visit]:
    numbers = iter(range(FIRST, FIRST + 1000))
    delay = SETTINGS.cart_steps[0]

    def somebody(programme: str = CARTS, group: Arm = "treated") -> Person:
        people = (_person(floor, number) for number in numbers)
        return next(person for person in people if arm(person.name, programme, SETTINGS.holdout) == group)

    for due in LEAVE:
        yield _left(floor, somebody(), moment + due * MINUTE - delay)
    for due, order in RETURN:
        person = somebody()
        yield _left(floor, person, moment + due * MINUTE - delay)
        yield _ordered(floor, person, moment + order * MINUTE)
    for due in LINGER:
        left = moment + due * MINUTE - delay
        yield _left(floor, somebody(), left, until=moment + due * MINUTE - 2 * MINUTE)
    for due, gaps in OVERDUE:
        person = somebody(CHURN)
        for at in _before(moment + due * MINUTE, gaps):
            yield _ordered(floor, person, at)
    for order in BEGIN:
        yield _ordered(floor, somebody(), moment + order * MINUTE)
    for due in HELD_OUT:
        yield _left(floor, somebody(group="holdout"), moment + due * MINUTE - delay)


def _person(floor: Floor, number: int) -> Person:
    person = stranger(number, places.place(floor.draws), floor.settings, floor.draws)
    person.logged_in = True
    return person


def _left(floor: Floor, person: Person, at: int, until: int = 0) -> Visit:
    """A visit that leaves a cart, changed last at `at` (ms), and goes on `until` then."""
    visit = Visit(floor, person, at - 4 * MINUTE)
    category = person.category(floor.draws)
    browse.page(visit, category)
    for moment in (at - 2 * MINUTE, at):
        product = floor.catalogue.pick(category, floor.draws)
        visit.at = moment - 20 * SECOND
        visit.say(CLICKSTREAM, "Product Viewed", product.properties)
        visit.at = moment
        basket.add(visit, product)
    if until:
        visit.at = until
        browse.page(visit, category)
    person.logged_in = True
    return visit


def _ordered(floor: Floor, person: Person, at: int) -> Visit:
    """A visit that ends in an order at `at` (ms); of the cart, if there is one."""
    visit = Visit(floor, person, at - 50 * SECOND)
    browse.page(visit, person.tastes[0])
    if person.cart is None:
        visit.at = at - 40 * SECOND
        basket.add(visit, floor.catalogue.pick(person.tastes[0], floor.draws))
    visit.at = at - 15 * SECOND
    basket.checkout(visit)
    visit.at = at
    orders.place(visit)
    person.logged_in = True
    return visit


def _before(due: int, gaps: tuple[int, ...]) -> list[int]:
    """Order times (ms) with these gaps in days, after which a buyer is overdue at `due` (ms)."""
    known = Gaps()
    offsets = [days * DAY for days in accumulate(gaps, initial=0)]
    for offset in offsets:
        known.learn_one(DAY + offset, SETTINGS.fading)
    wait = max(round(SETTINGS.overdue_factor * known.mean * DAY), SETTINGS.overdue_floor)
    return [due - wait - offsets[-1] + offset for offset in offsets]
