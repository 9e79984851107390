"""One invented day of a tea shop, in the words of each feed: the same orders, carts and messages come of it.

The files are written after the feeds' public code and documents (`docs/feeds.md` names them). The day, in UTC: Ana puts
a kettle (39.90) and two teas (7.25) into her cart and buys them, 5.00 off. Ben puts a kettle and two cups (12.00) into
his, takes the kettle out and leaves at 11:05. Cleo buys a tea, and takes it back at 18:00. A guest leaves a cup. Eve
buys a kettle, and loads the page of thanks twice.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cases.conftest import INPUTS, Replay, Replayed

ROOT = Path(__file__).resolve().parent.parent.parent
UNTIL = "2026-05-05T12:00:00Z"
LEFT = 1777894500000  # 11:35, half an hour after Ben
GUEST_LEFT = 1777901460000  # 13:31


class Day(NamedTuple):
    """How a feed tells the day.

    Attributes
    ----------
    file
        Its file in `inputs/feeds/`.
    ana, ben, cleo, eve
        Their ids there.
    cup
        What the tea cup is known by.
    net
        What Cleo's order is worth at the end; 0 where the feed tells of refunds.
    script
        The example in `examples/feeds/` that makes calls of the file; "" where its lines are calls.
    """

    file: str
    ana: str
    ben: str
    cleo: str
    eve: str
    cup: str = "503"
    net: int = 0
    script: str = ""


SEGMENT = ("u-1001", "u-1002", "u-1003", "u-1004")
E_MAILS = ("ana@example.com", "ben@example.com", "cleo@example.com", "eve@example.com")
CUSTOMERS = ("7358220173425", "7358220173426", "7358220173427", "7358220173428")

DAYS = (
    Day("segment-kafka.jsonl", *SEGMENT),
    Day("rudderstack-kafka.jsonl", *SEGMENT),
    Day("jitsu-webhook.jsonl", *SEGMENT),
    Day("ga4.jsonl", *SEGMENT, cup="CUP-2"),
    Day("ga4-export.jsonl", *SEGMENT, cup="CUP-2", script="ga4_export"),
    Day("woocommerce.jsonl", *E_MAILS, net=725),
    Day("shopify-pixel.jsonl", *CUSTOMERS, net=725, script="shopify_pixel"),
)


@pytest.fixture(params=DAYS, ids=lambda day: str(day.file))
def day(request: pytest.FixtureRequest) -> Day:
    """Each feed in turn."""
    told: Day = request.param
    return told


@pytest.fixture
def done(day: Day, replay: Replay, tmp_path: Path) -> Replayed:
    """What its day comes to."""
    return replay(calls(f"feeds/{day.file}", day.script, tmp_path), until=UNTIL)


def calls(file: str, script: str, folder: Path) -> str | Path:
    """An input, or what an example makes of it."""
    if not script:
        return file
    with open(INPUTS / file, encoding="utf-8") as rows:
        command = [sys.executable, str(ROOT / "examples" / "feeds" / f"{script}.py")]
        made = subprocess.run(command, stdin=rows, capture_output=True, text=True, check=True)
    target = folder / "calls.jsonl"
    target.write_text(made.stdout, encoding="utf-8")
    return target


def test_no_call_is_lost(done: Replayed) -> None:
    assert done.report["dead_letters"] == {}
    assert done.report["unknown_names"] == {}
    assert done.report["clamped"] == done.report["late"] == 0


def test_orders_count_once_at_their_amount(done: Replayed, day: Day) -> None:
    assert (done.report["orders"], done.report["revenue"]) == (3, {"USD": 4940 + 725 + 3990})
    net = {who: done.profiles[who]["buyer"]["net"] for who in (day.ana, day.cleo, day.eve)}
    assert net == {day.ana: 4940, day.cleo: day.net, day.eve: 3990}
    assert done.profiles[day.cleo]["buyer"]["valid"] == bool(day.net)
    assert done.report["order_conflict"] == 0


def test_the_one_cart_that_was_left_is_told_once(done: Replayed, day: Day) -> None:
    (told,) = done.said("cart-abandonments", kind="triggered")
    assert (told["user_id"], told["as_of"], told["value"]) == (day.ben, LEFT, 2400)
    assert [(line["product_id"], line["quantity"], line["price"]) for line in told["products"]] == [(day.cup, 2, 1200)]


def test_a_guest_is_nobody_to_remind(done: Replayed) -> None:
    (told,) = done.said("cart-abandonments", kind="suppressed")
    assert (told["reason"], told["as_of"], told["value"]) == ("unidentified", GUEST_LEFT, 1200)


def test_what_was_looked_at_is_an_interest(done: Replayed, day: Day) -> None:
    assert {"Kettles", "Tea"} <= done.profiles[day.ana]["interest"].keys()


def test_shopify_by_rudderstack_counts_an_order_once_at_what_its_update_says(replay: Replay) -> None:
    done = replay("feeds/shopify-rudderstack.jsonl", until=UNTIL)
    ana, ben, cleo, eve = CUSTOMERS
    assert (done.report["dead_letters"], done.report["orders"], done.report["order_conflict"]) == ({}, 3, 0)
    # Its webhooks state Shopify's total, with shipping. The update that follows has lines and no amount: their sum.
    net = {who: done.profiles[who]["buyer"]["net"] for who in (ana, cleo, eve)}
    assert net == {ana: 5440, cleo: 0, eve: 3990}
    (told,) = done.said("cart-abandonments", kind="triggered")
    assert (told["user_id"], told["as_of"], told["value"]) == (ben, LEFT, 2400)


def test_shopify_by_the_older_source_of_rudderstack_knows_carts_by_browser(replay: Replay) -> None:
    done = replay("feeds/shopify-rudderstack-1.jsonl", until=UNTIL)
    ana, _, cleo, eve = CUSTOMERS
    assert (done.report["dead_letters"], done.report["orders"], done.report["order_conflict"]) == ({}, 3, 0)
    net = {who: done.profiles[who]["buyer"]["net"] for who in (ana, cleo, eve)}
    assert net == {ana: 4940, cleo: 0, eve: 3990}  # after a discount of 5.00, before shipping
    assert done.said("cart-abandonments", kind="triggered") == []  # carts carry no customer
    left = done.said("cart-abandonments", kind="suppressed")
    assert sorted((m["reason"], m["value"]) for m in left) == [
        *(("unidentified", value) for value in (725, 1200, 2400, 3990)),
    ]


@pytest.mark.parametrize(
    ("file", "script"), [("shopify-orders.csv", "shopify_orders"), ("woocommerce-orders.json", "woocommerce_orders")]
)
def test_a_shops_own_list_of_orders_is_its_history(file: str, script: str, replay: Replay, tmp_path: Path) -> None:
    done = replay(calls(f"feeds/{file}", script, tmp_path), until=UNTIL)
    assert (done.report["dead_letters"], done.report["late"], done.report["clamped"]) == ({}, 0, 0)
    assert (done.report["orders"], done.report["revenue"]) == (4, {"USD": 4940 + 2400 + 2175 + 3990})
    buyers = {who: profile["buyer"] for who, profile in done.profiles.items()}
    assert {who: (buyer["valid"], buyer["net"]) for who, buyer in buyers.items()} == {
        "ana@example.com": (2, 4940 + 2400),
        "cleo@example.com": (1, 2175 - 725),
        "dora@example.com": (0, 0),  # cancelled
    }
    assert done.said("cart-abandonments") == []
