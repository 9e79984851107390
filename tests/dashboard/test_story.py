"""A shopper's card and story, from folded events: worked by hand, in two languages and three currencies."""

from __future__ import annotations

import io

import msgspec
import pytest
from rich.console import Console

from dashboard.answers.shopper import Held, OpenCart, Shopper, shopper
from dashboard.answers.story import happened, story
from dashboard.shop import ShopView
from dashboard.words import Words
from kairos.commands import profile
from kairos.config.settings import load
from kairos.replay.local import Local
from kairos.replay.row import Row, Span
from models.churn.outlook import Outlook
from models.kernel.events import CART, CLICKSTREAM, ORDER
from models.kernel.settings import DAY, HOUR, MINUTE
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from sinks.workers import ShardReport, WorkerReport, tell

T0 = 1_775_037_600_000  # 2026-04-01T10:00Z
EN, ZH = Words("en", "UTC"), Words("zh_CN", "UTC")
OUTLOOK = Outlook(
    as_of=T0, model="model/20260401", provisional=True, horizon_days=90, risk=0.53, risk_after_order=0.2,
    path=((0, 0.53), (14, 0.55), (28, 0.6), (42, 0.65), (56, 0.7), (70, 0.75), (84, 0.8)),
    expected_next_order=T0 + 60 * DAY, expected_orders_90d=0.6, expected_orders_365d=2.04, value_next_year=12_345,
    reasons=("no order for 9 d, usually every 3 d (shop: 4 d)",),
)  # fmt: skip


def call(at: int, event: str, number: int, **properties: object) -> Row:
    body = {
        "messageId": f"m{number}",
        "type": "track",
        "event": event,
        "userId": "u1",
        "timestamp": EN.iso(at),
        "properties": properties,
    }
    role = {"Product Viewed": CLICKSTREAM, "Order Completed": ORDER}.get(event, CART)
    return at, role, b"u1", msgspec.json.encode(body)


LIFE = [
    call(T0, "Product Viewed", 1, product_id="p1", category="shoes"),
    call(T0 + MINUTE, "Product Added", 2, cart_id="c1", product_id="p1", price=28.74, quantity=10),
    call(T0 + 5 * MINUTE, "Order Completed", 3, order_id="o1", revenue=287.40),
    call(T0 + 2 * DAY, "Product Added", 4, cart_id="c2", product_id="<b>hat</b>", price=10, quantity=2),
    call(T0 + 2 * DAY + MINUTE, "Checkout Started", 6, cart_id="c2"),
    call(T0 + 2 * DAY + MINUTE, "Product Viewed", 5, product_id="p1", category="shoes"),
]


def card(until: int = T0 + 2 * DAY + 2 * HOUR, **settings: str) -> Shopper:
    known, store = load(settings), MemoryStore()
    Local(known, 1, store, MemoryOutputs()).run([Span(list(LIFE), until)])
    found = shopper(store, "u1", ShopView(settings=known.shop))
    assert found is not None
    return found


def test_a_story() -> None:
    told = story(card(), EN)
    assert told[0] == "1 order for $287.40 in all, the last one 2 days ago (Apr 1, 2026)."
    assert told[1] == "Known since Apr 1, 2026: 2 visits, last seen 2 hours ago."
    assert told[2] == "Segment: New, since Apr 1, 2026."
    assert "2 items worth $20.00 in a cart, changed 2 hours ago; reminded 1 hour ago." in told
    assert told[told.index("Went to the checkout with it 2 hours ago.") - 1].startswith("2 items worth")


def test_before_the_reminder_it_says_so() -> None:
    assert "2 items worth $20.00 in a cart, changed 10 minutes ago; not reminded." in story(
        card(T0 + 2 * DAY + 10 * MINUTE), EN
    )


def test_the_timeline_is_what_happened_newest_first() -> None:
    found = [(each.at - T0, each.kind, each.amount) for each in card().timeline if each.kind != "tag"]
    assert found == [
        (2 * DAY + 31 * MINUTE, "reminded", 2000),
        (2 * DAY + MINUTE, "last_seen", None),
        (2 * DAY + MINUTE, "looked", None),
        (2 * DAY, "left", 2000),
        (5 * MINUTE, "bought", 28740),
        (0, "came", None),
    ]


def test_tags_have_the_reason_they_were_told_with() -> None:
    held = {tag.tag: tag for tag in card().tags}
    assert held["stage:new"].since == T0 + MINUTE
    assert held["segment:new"].reason == "R 5 F 1 M 5 by fixed cuts: last order today, 1 in all"


def test_what_the_model_expects() -> None:
    told = story(msgspec.structs.replace(card(), churn=OUTLOOK), EN)
    assert told[-6:] == (
        "The risk of no order within 90 days is 53%; right after the last order it was 20%.",
        "If nothing is bought: 60% in 28 days, 70% in 56 days, and 80% in 84 days.",
        "Because: no order for 9 d, usually every 3 d (shop: 4 d).",
        "If an order comes, then about May 31, 2026.",
        "Expected within a year: 2.0 orders worth $123.45.",
        "The model has not beaten its baseline in this shop yet.",
    )


@pytest.mark.parametrize(("currency", "written"), [("USD", "$287.40"), ("JPY", "¥287"), ("KWD", "KWD287.400")])
def test_money_has_the_decimals_of_its_currency(currency: str, written: str) -> None:
    assert f"1 order for {written} in all" in story(card(KAIROS_CURRENCY=currency), EN)[0].replace("\xa0", " ")


def test_every_sentence_is_told_in_chinese_too() -> None:
    found = msgspec.structs.replace(card(), churn=OUTLOOK)
    english, chinese = story(found, EN), story(found, ZH)
    assert len(english) == len(chinese)
    assert not set(english) & set(chinese)
    for each in found.timeline:
        assert happened(each, "USD", EN) != happened(each, "USD", ZH)


def test_a_card_of_a_shard_at_rest_is_as_of_now() -> None:
    """It commits nothing; its worker says that it goes with the clock."""
    known, store = load({}), MemoryStore()
    Local(known, 1, store, MemoryOutputs()).run([Span(list(LIFE[:1]), T0 + MINUTE)])
    at_rest = ShardReport(0, epoch=1, owned=True, watermark_delay=2_000)
    tell(store.worker_reports, WorkerReport("a", "host", 1, "0.2.0", T0 + 5 * DAY, "wall", (at_rest,)))
    found = shopper(store, "u1", ShopView(settings=known.shop))
    assert found is not None
    assert found.as_of == T0 + 5 * DAY - 2_000
    assert "last seen 5 days ago" in story(found, EN)[0]


def test_who_is_unknown_has_no_card() -> None:
    assert shopper(MemoryStore(), "u1", ShopView(settings=load({}).shop)) is None


def test_the_command_shows_the_same_and_no_strangers_characters() -> None:
    hostile = "a\x1b[31m\u202e[/bold]"
    found = msgspec.structs.replace(
        card(),
        user_id=hostile,
        tags=(Held(f"interest:{hostile}", T0, hostile),),
        carts=(OpenCart(hostile, ((hostile, 1, None),), 0, T0, 0),),
    )
    out = io.StringIO()
    profile.show(Console(file=out, width=200), found, "UTC")
    lines = out.getvalue().splitlines()
    assert "\x1b" not in out.getvalue()
    assert "\u202e" not in out.getvalue()
    assert all(any(sentence in line for line in lines) for sentence in story(card(), EN)[:3])
