"""What shoppers do in several acts, each a story that leads to some tag, and often out of it again.

A story is a list of scenes: how long after the scene before, which event, with which properties. Products, categories,
orders and amounts are chosen by the seed, and so is where a story ends. Waits are round numbers, so that thresholds are
met to the millisecond.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import Any, NamedTuple

from models.kernel.settings import DAY, HOUR, MINUTE, SECOND

CATEGORIES = ("shoes", "帽子", "bags", "belts", "coats", "hats", "Ärmel", "rings", "socks", "ties", "tv", "wine")


class Scene(NamedTuple):
    """`wait` ms after the scene before. `moves`: from here on the shopper's context is another one. `on_step`: at the
    next instant at which the stored weight of an interest needs no rounding. `on_saturday`: at the next noon of one.
    `late`: it is told so long (ms) after it happened."""

    wait: int
    event: str
    properties: dict[str, Any]
    moves: bool = False
    on_step: bool = False
    on_saturday: bool = False
    late: int = 0


Story = Callable[[Random, str], Iterable[Scene]]
"""A story by the seed; the text is unique, for ids."""


def scene(wait: int, event: str, **properties: Any) -> Scene:
    return Scene(wait, event, {name: value for name, value in properties.items() if value is not None})


def bought(wait: int, name: str, revenue: float, **properties: Any) -> Scene:
    return scene(wait, "Order Completed", order_id=name, revenue=revenue, **properties)


def torn(rng: Random, name: str) -> Iterable[Scene]:
    """Looks at a few products again and again, then puts one into the cart, buys, or lets it be."""
    product, others = f"p-{name}", rng.randrange(6)
    for _ in range(rng.randint(2, 5)):
        wait = rng.choice([1, MINUTE, HOUR, DAY, 7 * DAY - 1, 7 * DAY, 7 * DAY + 1])
        yield scene(wait, rng.choice(["Product Viewed", "Product Clicked"]), product_id=product)
    for other in range(others):
        yield scene(SECOND, "Product Viewed", product_id=f"p{other}")
    wait = rng.choice([1, HOUR, 7 * DAY, 7 * DAY + 1])
    ends = (
        scene(wait, "Product Added", product_id=product),
        scene(wait, "Cart Updated", products=[{"product_id": product}]),
        scene(wait, "Cart Updated", products=[]),
        bought(wait, f"o-{name}", 20),
        scene(wait, "Product Viewed", product_id=product),
    )
    yield rng.choice(ends)


def regular(rng: Random, name: str) -> Iterable[Scene]:
    """Comes at the same hour of every day or week, with the same device, from the same place; then differently."""
    rhythm, least, most = rng.choice([(DAY, 2, 10), (7 * DAY, 5, 9)])
    for _ in range(rng.randint(least, 5)):
        yield scene(rhythm, "Page Viewed")
    if rng.random() < 0.7:
        yield Scene(rng.choice([31 * MINUTE, 5 * HOUR, DAY + 5 * HOUR]), "Page Viewed", {}, moves=True)
        for _ in range(rng.randint(least, most)):
            yield scene(rhythm, rng.choice(["Page Viewed", "Cart Viewed"]))


def roams(rng: Random, name: str) -> Iterable[Scene]:
    """Comes from somewhere else each time."""
    for _ in range(rng.randint(5, 9)):
        yield Scene(rng.choice([31 * MINUTE, DAY]), "Page Viewed", {}, moves=True)


def taste(rng: Random, name: str) -> Iterable[Scene]:
    """Likes some categories, then others."""
    for category in rng.sample(CATEGORIES, rng.randint(3, 10)):
        wait = rng.choice([0, 1, MINUTE, 5 * HOUR])
        for _ in range(rng.randint(1, 3)):
            event = rng.choice(["Product Added", "Product Viewed", "Product Viewed", "Product List Viewed"])
            yield scene(wait, event, category=category, product_id="p" if event == "Product Added" else None)
            wait = rng.choice([0, 1])
    yield scene(rng.choice([HOUR, 14 * DAY, 28 * DAY]), "Page Viewed")
    yield Scene(HOUR, "Product Added", {"product_id": "p", "category": "opera"}, on_step=True)  # worth 3, to the step


def bargains(rng: Random, name: str) -> Iterable[Scene]:
    """Buys with something off; then, perhaps, without."""
    for number in range(rng.randint(1, 3)):
        off: dict[str, Any] = rng.choice(
            [{"coupon": "SAVE"}, {"discount": 5}, {"products": [{"price": 1}, {"price": 2, "coupon": "X"}]}]
        )
        yield bought(rng.choice([HOUR, DAY, 20 * DAY]), f"o-{name}-{number}", 50, **off)
    for number in range(3, rng.choice([3, 4, 8])):
        off = rng.choice([{"coupon": ""}, {"discount": 0}, {"coupon": None}, {"products": [{"price": 3}]}])
        yield bought(rng.choice([HOUR, DAY]), f"o-{name}-{number}", 40, **off)
    late = scene(HOUR, "Order Updated", order_id=f"o-{name}-{rng.choice([0, 3])}", coupon="LATE")
    yield rng.choice([scene(1, "Order Cancelled", order_id=f"o-{name}-0"), late, scene(1, "Cart Viewed")])


def returns(rng: Random, name: str) -> Iterable[Scene]:
    """Sends things back, in part or whole, now and then before they are known to be bought; then keeps them."""
    for number in range(rng.randint(1, 3)):
        amount = rng.choice([None, 0, 1, 30, 99])
        back = scene(
            HOUR, "Order Refunded", order_id=f"o-{name}-{number}", refund_id=f"r-{name}-{number}", revenue=amount
        )
        both = [bought(DAY, f"o-{name}-{number}", 30), back]
        yield from both if rng.random() < 0.8 else reversed(both)
    for number in range(3, rng.choice([3, 5, 12])):
        yield bought(rng.choice([MINUTE, HOUR]), f"o-{name}-{number}", 30)
    if rng.random() < 0.4:
        yield scene(DAY, "Order Cancelled", order_id=f"o-{name}-0")


def splurge(rng: Random, name: str) -> Iterable[Scene]:
    """Buys as usual, then for ten times as much."""
    for number in range(rng.randint(2, 5)):
        yield bought(rng.choice([HOUR, DAY, 10 * DAY]), f"o-{name}-{number}", rng.choice([40, 40, 44, 52]))
    yield bought(rng.choice([1, DAY]), f"o-{name}-x", rng.choice([80, 400, 400, 4]))
    after = rng.choice([1, DAY, 30 * DAY - 1, 30 * DAY, 30 * DAY + 1])
    ends = (
        scene(after, "Order Cancelled", order_id=f"o-{name}-x"),
        scene(after, "Order Updated", order_id=f"o-{name}-x", revenue=40),
        bought(after, f"o-{name}-y", rng.choice([42, 4_000])),
        scene(after, "Page Viewed"),
        scene(after, "Cart Viewed"),
    )
    yield rng.choice(ends)


def once(rng: Random, name: str) -> Iterable[Scene]:
    """Buys, and is not seen for long."""
    yield bought(HOUR, f"o-{name}-0", 30)
    after = rng.choice([20 * DAY, 21 * DAY - 1, 21 * DAY, 21 * DAY + 1, 60 * DAY, 90 * DAY, 90 * DAY + 1])
    again = scene(after, "Order Completed", order_id=f"o-{name}-1", revenue=20)
    yield rng.choice([again, scene(after, "Page Viewed"), scene(after, "Order Cancelled", order_id=f"o-{name}-0")])


def leaves(rng: Random, name: str) -> Iterable[Scene]:
    """Leaves a cart, and again."""
    for number in range(rng.randint(2, 4)):
        wait = rng.choice([7 * DAY + 31 * MINUTE, 8 * DAY, 20 * DAY, 83 * DAY, 97 * DAY])
        yield scene(wait, "Product Added", product_id=f"p{number}", price=20)
    end = rng.choice([3 * DAY, 7 * DAY + 30 * MINUTE, 7 * DAY + 30 * MINUTE + 1, 90 * DAY, 91 * DAY])
    yield rng.choice([bought(end, f"o-{name}", 20), scene(end, "Page Viewed"), scene(end, "Cart Viewed")])


def spends(rng: Random, name: str) -> Iterable[Scene]:
    """Spends, and gets some of it back, around the bounds of the tiers."""
    amounts = rng.sample([25, 40, 49.99, 50, 54.99, 55, 120, 240, 250, 275], rng.randint(1, 3))
    for number, amount in enumerate(amounts):
        yield bought(rng.choice([DAY, 30 * DAY, 90 * DAY]), f"o-{name}-{number}", amount)
        if rng.random() < 0.7:
            back = rng.choice([1, 3, 4.55, 10, 22.73, 22.72, 100])
            refund = f"r-{name}-{number}"
            yield scene(1, "Order Refunded", order_id=f"o-{name}-{number}", refund_id=refund, revenue=back)


def hurry(rng: Random, name: str) -> Iterable[Scene]:
    """Clicks faster than a person, and then acts like one."""
    for _ in range(rng.randint(5, 7)):
        yield scene(rng.choice([0, 1, SECOND]), "Product Viewed", product_id="p", category="shoes")
    yield rng.choice([bought(HOUR, f"o-{name}", 20), scene(HOUR, "Product Added", product_id="p", price=20)])


def weekends(rng: Random, name: str) -> Iterable[Scene]:
    """Buys on Saturdays, told late now and then by an update; then, perhaps, every day."""
    for number in range(rng.randint(2, 5)):
        event = rng.choice(["Order Completed", "Order Completed", "Order Updated"])
        yield Scene(DAY, event, {"order_id": f"o-{name}-{number}", "revenue": 30}, on_saturday=True)
        if rng.random() < 0.3:
            yield bought(rng.choice([DAY, 2 * DAY]), f"o-{name}-{number}", 30)
    for number in range(5, rng.choice([5, 8, 12])):
        yield bought(DAY, f"o-{name}-{number}", 30)
    if rng.random() < 0.3:
        yield scene(DAY, "Order Cancelled", order_id=f"o-{name}-0")


def changes_mind(rng: Random, name: str) -> Iterable[Scene]:
    """Leaves a cart, perhaps with a checkout, and takes back or gives consent around its reminders; then goes on."""
    yield scene(8 * DAY, "Product Added", product_id=f"p-{name}", price=20)
    if rng.random() < 0.5:
        yield scene(rng.choice([1, MINUTE]), "Checkout Started")
    for _ in range(rng.randint(1, 2)):
        wait = rng.choice([MINUTE, 31 * MINUTE, HOUR, 5 * HOUR, DAY, DAY + 31 * MINUTE, 25 * HOUR])
        yield scene(wait, "Consent Updated", channel=rng.choice([None, "email", "sms"]), granted=rng.random() < 0.4)
    wait = rng.choice([1, 31 * MINUTE, HOUR, DAY, 2 * DAY])
    ends = (
        bought(wait, f"o-{name}", 20),
        scene(wait, "Product Added", product_id="new", price=5),
        scene(wait, "Product Removed", product_id=f"p-{name}", quantity=0),
        scene(wait, "Consent Updated", granted=True),
    )
    yield rng.choice(ends)
    yield scene(rng.choice([HOUR, 3 * DAY]), "Page Viewed")


def lingers(rng: Random, name: str) -> Iterable[Scene]:
    """Fills a cart and looks on, so that reminders are held back; then leaves it, empties it, or buys late."""
    yield scene(8 * DAY, "Product Added", product_id=f"p-{name}", price=20)
    for _ in range(rng.randint(1, 4)):
        yield scene(rng.choice([10 * MINUTE, 29 * MINUTE, 30 * MINUTE, 40 * MINUTE]), "Page Viewed")
    if rng.random() < 0.5:
        yield scene(rng.choice([HOUR, 3 * HOUR]), "Product Added", product_id=f"q-{name}", price=5)
    wait = rng.choice([MINUTE, 40 * MINUTE, 23 * HOUR, DAY, 26 * HOUR, 4 * DAY])
    yield rng.choice(
        [bought(wait, f"o-{name}", 20), scene(wait, "Cart Updated", products=[]), scene(wait, "Cart Viewed")]
    )


def told_late(rng: Random, name: str) -> Iterable[Scene]:
    """Leaves a cart, and is reminded; buys between two reminders, as is heard only after the second."""
    yield scene(8 * DAY, "Product Added", product_id=f"p-{name}", price=20)
    order = {"order_id": f"o-{name}", "revenue": 20}
    yield Scene(rng.choice([DAY + HOUR, 36 * HOUR]), "Order Completed", order, late=rng.choice([10 * HOUR, 20 * HOUR]))


def drifts(rng: Random, name: str) -> Iterable[Scene]:
    """Buys every few days, stays away, but leaves a cart when that is told of; then, perhaps, wants to hear no more."""
    yield scene(DAY, "Consent Updated", granted=True)
    for number in range(3):
        yield bought(3 * DAY, f"o-{name}-{number}", 30)
    wait = rng.choice([7 * DAY + 20 * HOUR, 7 * DAY + 22 * HOUR, 8 * DAY, 9 * DAY - MINUTE])
    yield scene(wait, "Product Added", product_id=f"p-{name}", price=20)
    yield scene(rng.choice([DAY, 25 * HOUR, 5 * DAY]), "Page Viewed")
    yield scene(rng.choice([HOUR, 29 * DAY]), "Consent Updated", granted=False)
    yield bought(rng.choice([HOUR, 30 * DAY]), f"o-{name}-3", 30)


STORIES: tuple[Story, ...] = (
    torn, regular, roams, taste, bargains, returns, splurge, once, leaves, spends, hurry, weekends,
    changes_mind, lingers, told_late, drifts,
)  # fmt: skip
