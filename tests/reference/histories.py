"""Random shops: logs with everything a real one brings, from a seed alone.

Late and early events, ties within a millisecond, duplicates, repeated and conflicting orders, refunds and
cancellations before and after their order, several carts, anonymous shoppers, ids beyond ASCII, bad records, and
promises that come soon, late, or not at all. Beside this, some shoppers act out stories (`tests.reference.stories`).
"""

from __future__ import annotations

from heapq import heappop, heappush
from random import Random
from typing import Any, NamedTuple

from models.features import ShopSettings
from models.kernel.settings import DAY, HOUR, MINUTE, SECOND
from tests.reference import consents, goods
from tests.reference.bad import WAYS
from tests.reference.contexts import Habits
from tests.reference.interest import LANDMARK, STEPS
from tests.reference.logs import CLICKS, TOPICS, Logs, Rec
from tests.reference.stories import CATEGORIES, STORIES, Scene

USERS = ("u1", "käse", "店客", "🛒", "anon-7", "u6")
HEROES = ("s1", "s2", "ß3", "anon-8", "s5", "s6", "s7")
"""They only act out stories."""
ANONYMOUS = ("anon-7", "店客", "anon-8")
CARTS = (None, None, None, "c1", "c2")
REVENUES = (0, 5, 24.99, 25, 49.995, 50, 100, 250.5)
LATE = (1, 7, SECOND, MINUTE, 29 * MINUTE, 30 * MINUTE, 31 * MINUTE, 3 * HOUR, 26 * HOUR, 8 * DAY)

STEP = ShopSettings().interest_half_life // STEPS
"""Milliseconds in which an interest fades by one step."""
OLDEST = 20 * DAY
"""Nothing is later than this: beyond 30 days a visitor is forgotten."""
ORDERS = 12
"""Orders of a shopper: below what a profile remembers one by one."""

PACES: dict[str, tuple[int, ...]] = {
    "moments": (0, 0, 1, 7, SECOND, 5 * SECOND, MINUTE),
    "minutes": (0, 0, 1, 5 * SECOND, MINUTE, 10 * MINUTE, 30 * MINUTE, 31 * MINUTE),
    "hours": (0, 1, 7 * MINUTE, 30 * MINUTE, HOUR, 5 * HOUR, DAY),
    "days": (0, 0, 1, 20 * MINUTE, 31 * MINUTE, 7 * HOUR, DAY, DAY + 1, 2 * DAY, 7 * DAY),
    "months": (0, MINUTE, 40 * MINUTE, DAY, 5 * DAY, 14 * DAY, 31 * DAY, 95 * DAY, 1_200 * DAY),
}
"""How long until somebody does something again. Round numbers, so that thresholds are met to the millisecond."""


MOODS = ((30, 40, 14, 11, 2, 5), (8, 70, 12, 4, 1, 30), (10, 10, 50, 25, 1, 3))
"""How often shoppers click, change a cart, order, come back to an order, do something unheard of, regret."""


class Shape(NamedTuple):
    """What a history looks like."""

    records: int = 110
    partitions: int = 2
    paces: tuple[str, ...] = ("minutes", "hours", "days", "months")
    oldest: int = OLDEST
    astray: float = 0.05
    bad: float = 0.05
    late: tuple[float, ...] = (0, 0.1, 0.2, 0.4)
    ticks: tuple[float, ...] = (0.02, 0.1, 0.3)
    duplicates: float = 0.08
    final_tick: float = 0.9
    stories: float = 0.1
    moods: tuple[tuple[int, ...], ...] = MOODS


CLOSE = Shape(40, 1, ("moments", "minutes"), bad=0, stories=0, late=(0, 0.4), moods=((1, 60, 25, 2, 0, 10),))
"""Carts and orders close together."""


class Shop:
    """Writes one history."""

    def __init__(self, seed: int, shape: Shape) -> None:
        self.rng = rng = Random(seed)
        self.shape = shape
        self.logs = Logs(shape.partitions, settings(rng, seed))
        self.pace = PACES[rng.choice(shape.paces)]
        self.mood = rng.choice(shape.moods)
        self.late, self.ticks = rng.choice(shape.late), rng.choice(shape.ticks)
        self.users = rng.sample(USERS, rng.randint(1, len(USERS)))
        self.now = 0
        self.contexts, self.consents = Habits(rng), Random(seed)
        self.stated = self.consents.choice([0, 0, 0.03, 0.15])
        self.plan: list[tuple[int, int, str, Scene]] = []
        self.told = 0
        self.written = self.logs.arrivals
        self.placed = dict.fromkeys((*self.users, *HEROES), 0)
        self.touched: dict[str, list[int]] = {user: [0] for user in self.users}

    def write(self) -> Logs:
        """The whole of it. Most histories end with a promise beyond all timers of interest."""
        while sum(map(len, self.logs.records.values())) < self.shape.records:
            then = self.now + self.rng.choice(self.pace)
            if self.rng.random() < self.shape.stories:
                self.begin()
            if self.plan and (self.plan[0][0] <= then or self.rng.random() < 0.5):
                self.play()
            else:
                self.now = then
                self.act()
            if self.rng.random() < self.ticks:
                self.promise()
            self.arrive()
        if self.rng.random() < self.shape.final_tick:
            self.logs.tick(self.now + self.rng.choice([1, HOUR, 8 * DAY, 22 * DAY, 100 * DAY, 1_300 * DAY]))
            self.arrive()
        return self.logs

    def arrive(self) -> None:
        """What was just written arrives now."""
        for place, log in self.logs.records.items():
            self.written[place] += [self.now] * (len(log) - len(self.written[place]))

    def begin(self) -> None:
        """A story begins: its scenes are planned, unless its hero has had enough orders."""
        rng = self.rng
        user, at = rng.choice(HEROES), self.now
        self.told += 1
        scenes = list(rng.choice(STORIES)(rng, str(self.told)))
        orders = sum(scene.event in ("Order Completed", "Order Updated") for scene in scenes)
        if self.placed[user] + orders > ORDERS:
            return
        self.placed[user] += orders
        for number, scene in enumerate(scenes):
            at += scene.wait
            if scene.on_step:
                at += -(self.logs.absolute(at) - LANDMARK) % STEP
            if scene.on_saturday:
                at += (2 * DAY + 12 * HOUR - at) % (7 * DAY)  # day 0 is a Thursday
            heappush(self.plan, (at, 100 * self.told + number, user, scene))

    def play(self) -> None:
        """The next scene of some story."""
        at, _, user, scene = heappop(self.plan)
        self.now = max(at, self.now)
        late = self.rng.random() < self.late / 5
        at = self.now - (min(self.rng.choice(LATE), self.shape.oldest) if late else scene.late)
        if scene.moves:
            self.contexts.change(user)
        self.track(scene.event, user, at, **scene.properties)

    def promise(self) -> None:
        """A tick to some inputs, not always kept by what follows."""
        rng = self.rng
        at = max(0, self.now + rng.choice([0, 0, 0, 1, -MINUTE, -HOUR, 20 * MINUTE]))
        topics = [topic for topic in TOPICS if rng.random() < 0.8]
        self.logs.tick(at, topics, rng.choice([None, None, rng.randrange(self.logs.partitions)]))

    def act(self) -> None:
        rng, shape = self.rng, self.shape
        user = rng.choice(self.users)
        at = self.now - min(rng.choice(LATE), shape.oldest) if rng.random() < self.late else self.now
        at += rng.choice([3 * MINUTE, HOUR]) if rng.random() < 0.03 else 0
        dice = rng.random()
        if dice < shape.bad:
            rng.choice(WAYS)(self.logs, rng, user, at)
        elif dice < shape.bad + shape.duplicates:
            self.repeat()
        else:
            acts = (self.click, self.cart, self.order, self.after, self.strange, self.regret)
            rng.choices(acts, self.mood)[0](user, at)

    def repeat(self) -> None:
        """A record again, mostly one of the last, and none so old that its shopper may be forgotten by now."""
        place = self.rng.choice(list(self.logs.records) or [("cart", 0)])
        log, written = self.logs.records[place], self.written[place]
        recent = [record for record, at in zip(log, written, strict=False) if at >= self.now - self.shape.oldest]
        if recent:
            log.append(self.rng.choice(recent[-self.rng.choice([1, 3, 40]) :])._replace(offset=len(log)))

    def track(self, event: str, user: str, at: int, **properties: Any) -> None:
        """A call. Now and then its topic is another one, or its Kafka timestamp clamps it, or it has no message id."""
        rng = self.rng
        stated = {name: value for name, value in properties.items() if value is not None}
        topic = rng.choice(TOPICS) if rng.random() < self.shape.astray else ""
        anonymous = user in ANONYMOUS and rng.random() < 0.9
        context = self.contexts.of(user)
        if self.consents.random() < self.stated:
            context = consents.stated_in(self.consents, context)
        value = self.logs.track(event, user, at, anonymous=anonymous, topic=topic, context=context, **stated)
        if rng.random() < 0.5:
            self.stamp(value)

    def stamp(self, value: bytes) -> None:
        """Give the record just written a Kafka timestamp."""
        for log in self.logs.records.values():
            if log and log[-1].value is value:
                log[-1] = Rec(log[-1].offset, self.logs.absolute(self.now), log[-1].key, value)

    # -- what shoppers do ------------------------------------------------------------------------------------------

    def click(self, user: str, at: int) -> None:
        rng = self.rng
        category = rng.choice([None, *CATEGORIES[: rng.choice([2, 6, 12])]])
        self.track(rng.choice(CLICKS), user, at, category=category, product_id=rng.choice([None, *goods.PRODUCTS]))

    def cart(self, user: str, at: int) -> None:
        rng = self.rng
        self.touched[user].append(at)
        named: dict[str, Any] = {"cart_id": rng.choice(CARTS)}
        line = {**goods.named(rng), "quantity": rng.choice([None, 1, 2, 0]), "price": self.price()}
        event = rng.choices(["Product Added", "Product Removed", "Cart Updated", "Checkout Started"], [10, 5, 2, 1])[0]
        if event == "Cart Updated":
            lines = [product | {"quantity": rng.randint(0, 3)} for product in goods.some(rng, 3)]
            self.track(event, user, at, products=lines, **named)
        else:
            self.track(event, user, at, **named, **(line if event.startswith("Product") else {}))

    def regret(self, user: str, at: int) -> None:
        """Around a change of a cart, written only now: a removal, a new thing, an order."""
        rng = self.rng
        around = rng.choice([0, 0, -1, 1, 10 * MINUTE, 29 * MINUTE, 30 * MINUTE, 31 * MINUTE, HOUR])
        then = max(rng.choice(self.touched[user][-3:]) + around, self.now - self.shape.oldest)
        event = rng.choice(["Product Removed", "Product Added", "Order Completed", "Order Completed"])
        if event == "Order Completed":
            self.placed[user] = min(self.placed[user] + 1, ORDERS)
            self.track(event, user, then, order_id=self.one_of(user), revenue=rng.choice(REVENUES))
        else:
            many = {"quantity": rng.choice([0, 100])} if event == "Product Removed" else {}
            self.track(event, user, then, **goods.named(rng), cart_id=rng.choice(CARTS), **many)

    def echo(self, user: str, at: int, bought: list[dict[str, Any]], cart: str | None) -> None:
        """The cart of an order once more, around the end of its grace."""
        rng = self.rng
        then = at + rng.choice([1, SECOND, MINUTE, 5 * MINUTE, 5 * MINUTE + 1])
        cart = rng.choice([cart, rng.choice(CARTS)])
        lines = rng.sample(bought, rng.randint(0, len(bought))) + goods.some(rng, 1)
        if rng.random() < 0.5:
            self.track("Cart Updated", user, then, products=lines, cart_id=cart)
            return
        for line in lines:
            event = rng.choice(["Product Added", "Product Added", "Product Removed"])
            self.track(event, user, then + rng.choice([0, 1]), **line, cart_id=cart)

    def price(self) -> float | None:
        return self.rng.choice([None, 0.5, 4.99, 10])

    def order(self, user: str, at: int) -> None:
        """A new order, or one of the last ones again."""
        rng = self.rng
        self.placed[user] = min(self.placed[user] + (rng.random() < 0.7), ORDERS)
        event = rng.choice(["Order Completed"] * 6 + ["Order Updated"])
        money = rng.choice(["revenue", "revenue", "total", "products"])
        amount: Any = rng.choice(REVENUES) if rng.random() < 0.93 else "12"
        bought, cart, echo = goods.some(rng, 2), rng.choice(CARTS), rng.choice(["", "", "", "before", "after"])
        if echo == "before":
            self.echo(user, at, bought, cart)
        stated: dict[str, Any] = {"products": bought or None, money: amount}
        if money == "products":
            stated = {money: [(bought or [{}])[0] | {"price": amount, "quantity": rng.choice([1, 2])}, *bought[1:]]}
        self.track(event, user, at, order_id=self.one_of(user), cart_id=cart, **stated)
        if echo == "after":
            self.echo(user, at, bought, cart)

    def one_of(self, user: str, ahead: int = 0) -> str:
        """An order: the newest, an older one, or (by `ahead`) one that is still to come."""
        return f"o-{max(0, self.placed[user] + self.rng.choice([0, 0, 0, -1, -2, ahead]))}"

    def after(self, user: str, at: int) -> None:
        """What comes after an order, or before it."""
        rng = self.rng
        event = rng.choice(["Order Refunded", "Order Refunded", "Order Cancelled", "Order Updated"])
        amount = rng.choice([None, *REVENUES])
        if event == "Order Refunded":
            which = rng.choice([self.one_of(user, 1), self.one_of(user, 1), None])
            refund = f"r-{rng.randrange(12)}"
            self.track(event, user, at, order_id=which, refund_id=refund, revenue=amount)
        elif event == "Order Cancelled":
            self.track(event, user, at, order_id=self.one_of(user, 1))
        else:
            self.track(event, user, at, order_id=self.one_of(user), revenue=rng.choice(REVENUES))

    def strange(self, user: str, at: int) -> None:
        event = self.rng.choice(["Coupon Applied", "Survey Answered", ""])
        if event:
            self.track(event, user, at)
        else:
            event, properties = consents.event(self.consents)
            self.track(event, user, at, **properties)


def settings(rng: Random, seed: int) -> ShopSettings:
    """What the shop decided: mostly the defaults. Half of the shops limit their alerts of a day.

    What is forwarded comes to another shard when it may, so that no two runs would be alike: records that belong
    elsewhere are refused here, and forwarded where a test says so.
    """
    return ShopSettings(
        min_cart_value=rng.choice([0, 0, 1_000]),
        order_closes=rng.choice(["any", "any", "same_cart"]),
        order_grace=rng.choice([0, 5 * MINUTE, 5 * MINUTE, 30 * MINUTE]),
        anonymous_carts=rng.random() < 0.3,
        partitioner=rng.choice(["murmur2", "crc32"]),
        bot_rate=rng.choice([600, 600, 600, 4]),
        time_zone=rng.choice(["UTC", "Asia/Shanghai", "America/New_York"]),
        misrouted="reject",
        churn_most=(0, 0, 1, 2)[seed % 4],
        table_every=0,  # one shard alone would wait for the others
        **consents.settings(seed),
    )


def history(seed: int, shape: Shape | None = None) -> Logs:
    """The history of one seed."""
    return Shop(seed, shape or Shape()).write()
