"""The promises about abandoned carts (section 4 of the design), on random histories and without the reference.

One identified shopper. All events go through one topic in the order they arrive, so the watermark is simply the
newest event time so far; the other inputs promised to stay silent.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import takewhile
from random import Random
from typing import Any, NamedTuple

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from models.carts.naming import Parts
from models.features import SHOPPERS, ShopSettings
from models.kernel.moment import slot
from models.kernel.settings import DAY, HOUR, MINUTE
from models.profile import codec
from sinks.memory_store import MemoryStore
from tests.reference import consents
from tests.reference.compare import distinct
from tests.reference.driver import Driver, straight
from tests.reference.logs import START, Logs
from tests.topics import CART_ABANDONMENTS

DELAY, WINDOW, GRACE = 30 * MINUTE, 7 * DAY, 5 * MINUTE
STEPS = ((DELAY,), (DELAY, DAY), (DELAY, HOUR, 2 * HOUR, DAY, 3 * DAY))
GAPS = (0, 1, MINUTE, 10 * MINUTE, DELAY - 1, DELAY, DELAY + 1, HOUR, DAY, 3 * DAY, WINDOW)
HASTY = (0, 1, MINUTE, GRACE, GRACE + 1, DELAY + 1)
LATE = (0, 0, 0, 1, 10 * MINUTE, DELAY, DELAY + 1, 2 * HOUR, 2 * DAY)

products = st.sampled_from(["p", "q", "r"])
carts = st.sampled_from(["default", "c1"])
seeds = st.integers(0, 1 << 32)
shops = st.builds(
    ShopSettings,
    cart_steps=st.sampled_from(STEPS),
    idle=st.sampled_from([0, DELAY, HOUR]),
    idle_on=st.sampled_from(["any", "cart"]),
    reminder_valid=st.just(30 * DAY),
    message_cap=st.just(0),
    holdout=st.just(0.0),
    table_every=st.just(0),
)
"""They remind of every cart that is left, in one step or several; shoppers who are about may be left alone."""


class Act(NamedTuple):
    """Something the shopper does: `gap` ms after the act before, written `late` ms after it happened."""

    event: str
    properties: dict[str, Any]
    gap: int = 0
    late: int = 0


Acts = st.SearchStrategy[Act]


def act(event: str, properties: st.SearchStrategy[dict[str, Any]], gaps: tuple[int, ...] = GAPS) -> Acts:
    return st.builds(Act, st.just(event), properties, st.sampled_from(gaps), st.sampled_from(LATE))


def stated(**properties: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(properties)


def with_quantity(named: st.SearchStrategy[dict[str, Any]], least: int, most: int) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(lambda one, n: {**one, "quantity": n}, named, st.integers(least, most))


def changing(named: st.SearchStrategy[dict[str, Any]], gaps: tuple[int, ...] = GAPS) -> Acts:
    """Changes of carts, of products that are named so."""
    lines = stated(products=st.lists(with_quantity(named, 0, 2), max_size=2), cart_id=carts)
    one = st.builds(lambda line, cart: {**line, "cart_id": cart}, with_quantity(named, 0, 3), carts)
    return st.one_of(
        act("Product Added", one, gaps), act("Product Removed", one, gaps), act("Cart Updated", lines, gaps)
    )


def buying(named: st.SearchStrategy[dict[str, Any]], gaps: tuple[int, ...] = GAPS) -> Acts:
    """Orders that name nothing, a cart, products, or both."""
    return act("Order Completed", stated(cart_id=st.none() | carts, products=st.lists(named, max_size=2)), gaps)


plain = stated(product_id=products)
named = st.fixed_dictionaries(
    {}, optional={"product_id": products, "sku": st.sampled_from(["p", "s"]), "variant": st.sampled_from(["x", "y"])}
)
line = with_quantity(plain, 1, 2)
changes = changing(named)
looks = act("Checkout Started", st.just({}))
acts = st.lists(st.one_of(changes, changes, buying(named), looks), min_size=2, max_size=14)
hasty = st.lists(st.one_of(changing(plain, HASTY), buying(plain, HASTY)), min_size=2, max_size=14)
kept = st.one_of(
    act("Product Added", stated(product_id=products, cart_id=carts)),
    act("Cart Updated", stated(products=st.lists(line, min_size=1, max_size=2), cart_id=carts)),
)
purchases = st.lists(st.one_of(kept, kept, act("Order Completed", st.just({})), looks), min_size=2, max_size=14)
"""Nothing is ever taken out of a cart but by an order, and no order has an echo: no generation turns out to have been
empty."""


class Written(NamedTuple):
    """An act as it stands in the log: its event time, the newest event time when it arrives, and its properties."""

    event: str
    e: int
    w: int
    properties: dict[str, Any]


def write(acts: list[Act], shop: ShopSettings, *, late: bool) -> tuple[Logs, list[Written]]:
    """The acts as logs; at the end time goes on until nothing is due any more."""
    logs, written, now, newest = Logs(settings=shop), list[Written](), 10 * DAY, 0
    logs.tick(100 * DAY, ["cart", "orders"])
    for number, (event, properties, gap, lateness) in enumerate(acts):
        now += gap
        e = now - lateness if late else now
        newest = max(newest, e)
        order = {"order_id": f"o{number}", "revenue": 1} if event == "Order Completed" else {}
        logs.track(event, "u", e, topic="clickstream", **order, **properties)
        written.append(Written(event, START + e, START + newest, properties))
    logs.tick(100 * DAY, ["clickstream"])
    return logs, written


Messages = list[dict[str, Any]]


def generations(logs: Logs) -> dict[tuple[str, int], tuple[Messages, Messages]]:
    """Of each generation its reminders, and what came after the first that was none."""
    found: defaultdict[tuple[str, int], Messages] = defaultdict(list)
    for topic, content in distinct(straight(logs)[1]):
        if topic == CART_ABANDONMENTS:
            found[content["cart_id"], content["anchor"]].append(content)
    return {
        key: (reminders := list(takewhile(lambda one: one["kind"] == "triggered", said)), said[len(reminders) :])
        for key, said in found.items()
    }


def covering(orders: list[Written], anchor: int, f1: int) -> list[Written]:
    """Orders that cover a generation and arrive before its window ends, in the order they arrive."""
    return [o for o in orders if anchor <= o.e <= f1 + WINDOW and o.w <= f1 + WINDOW]


@given(acts, shops, st.booleans())
def test_p1_nobody_is_reminded_of_what_was_bought_already(acts: list[Act], shop: ShopSettings, late: bool) -> None:
    """By an order that was known then: without late ones, by any."""
    logs, written = write(acts, shop, late=late)
    bought = [w for w in written if w.event == "Order Completed"]
    for (_, anchor), (reminders, _) in generations(logs).items():
        for reminder in reminders:
            assert not [o for o in bought if anchor <= o.e and o.w <= reminder["as_of"]]


def bought(change: Written, product: str, orders: list[Written]) -> bool:
    """Whether an operation on a product is the echo of an order: of its cart, or of its products."""
    closing = [o for o in orders if o.e < change.e <= o.e + GRACE]
    named = [line["product_id"] for o in closing for line in o.properties["products"]]
    return product in named or any(o.properties["cart_id"] == change.properties["cart_id"] for o in closing)


@given(hasty, shops, st.booleans())
@settings(max_examples=3 * settings().max_examples)
def test_p1_nobody_is_reminded_of_the_echo_of_an_order(acts: list[Act], shop: ShopSettings, late: bool) -> None:
    """What is reminded of was put into the cart, and by an operation that no order known then had bought."""
    logs, written = write(acts, shop, late=late)
    said = [(cart, trigger) for (cart, _), (reminders, _) in generations(logs).items() for trigger in reminders]
    for cart, trigger in said:
        known = [w for w in written if w.w <= trigger["as_of"]]
        orders = [w for w in known if w.event == "Order Completed"]
        changes = [
            w for w in known if w.properties.get("cart_id") == cart and w.event in ("Product Added", "Cart Updated")
        ]
        put = {
            (w.e, line["product_id"])
            for w in changes
            for line in w.properties.get("products", [w.properties])
            if not bought(w, line["product_id"], orders)
        }
        newest = max((o.e for o in orders), default=0)
        assert {line["product_id"] for line in trigger["products"]} <= {product for e, product in put if e > newest}


@given(purchases, shops)
@settings(max_examples=3 * settings().max_examples)
def test_p2_a_bought_generation_ends_as_its_first_order_says(acts: list[Act], shop: ShopSettings) -> None:
    logs, written = write(acts, shop, late=True)
    orders = [w for w in written if w.event == "Order Completed"]
    answers = Counter[int]()
    at_once = {w.w for w in written} | {w.e + shop.idle for w in written}  # it came late, or somebody was about
    for (_, anchor), (reminders, (closing,)) in generations(logs).items():
        f1 = reminders[0]["as_of"]
        assert f1 == anchor + DELAY or (f1 > anchor + DELAY and f1 in at_once)
        if covers := covering(orders, anchor, f1):
            order = covers[0]
            kind = "cancelled" if order.e <= f1 or closing["kind"] == "cancelled" else "recovered"
            assert (closing["kind"], closing["order_at"]) == (kind, order.e)
            taken_back = [one["id"] for one in reminders if kind == "cancelled" or one["as_of"] > order.e]
            assert closing.get("retract", []) == taken_back
            answered = [one["step"] for one in reminders if one["as_of"] <= order.e]
            assert closing["step"] == (answered[-1] if kind == "recovered" else 0)
            if order.e > f1:
                answers[written.index(order)] += kind == "recovered"
        else:
            assert (closing["kind"], closing["as_of"]) == ("expired", f1 + WINDOW)
    assert set(answers.values()) <= {1}, "one order, one recovery"


@given(acts, shops)
def test_p2_every_generation_ends_exactly_once(acts: list[Act], shop: ShopSettings) -> None:
    logs, _ = write(acts, shop, late=True)
    for reminders, closings in generations(logs).values():
        steps = [reminder["step"] for reminder in reminders]
        assert steps
        assert steps == sorted(set(steps))
        assert [closing["kind"] in ("recovered", "cancelled", "expired") for closing in closings] == [True]


def contents(logs: Logs) -> dict[str, dict[Parts, int]]:
    """What is in each cart in the end."""
    packed = straight(logs)[0].profile(0, "u")
    assert packed is not None
    state = slot(codec.decode(packed), SHOPPERS.named["carts"])
    found = {cart.id: cart.basket.contents().quantities for cart in state.carts} if state is not None else {}
    return {name: quantities for name, quantities in found.items() if quantities}


timed = st.lists(st.tuples(st.one_of(changes, changes, buying(named)), st.integers(0, 9)), min_size=2, max_size=9)


@given(timed, seeds)
def test_p3_contents_do_not_depend_on_the_order_of_arrival(timed: list[tuple[Act, int]], seed: int) -> None:
    """Operations and orders of a few minutes, many of them at the same instant."""
    found = []
    arrivals = [(act, minute, f"m{n}") for n, (act, minute) in enumerate(timed)]
    for _ in range(3):
        logs = Logs()
        logs.tick(DAY, ["cart", "orders"])
        logs.track("Page Viewed", "u", 0)
        for act, minute, name in arrivals:
            order = {"order_id": name, "revenue": 1} if act.event == "Order Completed" else {}
            logs.track(act.event, "u", minute * MINUTE, message=name, topic="clickstream", **order, **act.properties)
        logs.tick(DAY, ["clickstream"])
        found.append(contents(logs))
        Random(seed).shuffle(arrivals)
    assert found[0] == found[1] == found[2]


@given(acts, shops, seeds)
def test_p4_outputs_do_not_depend_on_batches_workers_or_crashes(acts: list[Act], shop: ShopSettings, seed: int) -> None:
    rules = {name: rule for name, rule in consents.settings(seed).items() if name not in ("cart_steps", "idle")}
    logs, _ = write(acts, msgspec.structs.replace(shop, **rules), late=True)
    store, published = straight(logs)
    driver = Driver(logs, 0, Random(seed))
    driver.run()
    assert distinct(driver.published) == distinct(published)
    assert dict(driver.store.profiles(0)) == dict(store.profiles(0))
    assert counters(driver.store) == counters(store)


def counters(store: MemoryStore) -> dict[str, str]:
    """Counters that are not 0: one that was raised and lowered within a batch is never written."""
    return {name: value for name, value in store.stats(0).items() if value != "0"}
