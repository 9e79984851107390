"""The page beside a working engine: what happens is on it at once, and what breaks is told and mended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from redis import Redis

from dashboard.access import Access
from models.kernel.settings import MINUTE
from sinks.deliveries import EndpointReport, tell
from sinks.keys import endpoints_key
from sinks.reports import RedisReports
from tests.dashboard.browser.conftest import Background
from tests.dashboard.browser.looking import Looking
from tests.dashboard.browser.shops import Shop

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.servers]

Open = Callable[..., Shop]


@pytest.fixture
def opened(background: Background, tmp_path: Path) -> Iterator[Open]:
    """Opens shops, and closes them afterwards."""
    shops: list[Shop] = []

    def open_(access: Access | None = None, **options: Any) -> Shop:
        shops.append(Shop(tmp_path / f"redis-{len(shops)}", access))
        background.run(shops[-1].open(**options))
        return shops[-1]

    yield open_
    for shop in shops:
        background.run(shop.close())


def left(background: Background, shop: Shop, user: str) -> None:
    """A shopper leaves a cart, and half an hour passes."""
    background.run(shop.event(1, "Product Added", user, product_id="p1", price=59.9, quantity=2, cart_id="c1"))
    background.run(shop.passes())
    background.run(shop.passes(31 * MINUTE))


def test_a_trigger_is_on_the_page_within_two_seconds(look: Looking, background: Background, opened: Open) -> None:
    shop = opened()
    left(background, shop, "early")
    page = look.at(shop.url)
    page.locator("body[data-connected]").wait_for()
    page.locator(".message", has_text="early").wait_for()
    for turn in range(3):
        background.run(shop.event(1, "Product Added", f"late-{turn}", product_id="p1", price=59.9, quantity=2))
        began = time.monotonic()
        background.run(shop.passes(31 * MINUTE))
        page.locator(".message", has_text=f"late-{turn}").wait_for(timeout=5_000)
        assert time.monotonic() - began < 2.0
        text = page.locator(".message", has_text=f"late-{turn}").inner_text()
        assert "2 items left for 30 min without an order" in text
        assert "$119.80" in text
    page.goto(shop.url + "/carts")
    page.get_by_role("heading", name="What became of reminders").wait_for()


def test_an_endpoint_that_fails_and_a_lift_that_comes_are_told_at_once(
    look: Looking, background: Background, opened: Open
) -> None:
    shop = opened()
    left(background, shop, "somebody")
    page = look.at(shop.url + "/health")
    page.locator("body[data-connected]").wait_for()
    page.get_by_text("Messages are sent to no endpoint").wait_for()
    with Redis.from_url(shop.redis.url) as redis:
        now = int(time.time() * 1000)
        failing = EndpointReport("crm", "crm.example", now, "failing", now - MINUTE, waiting=4, problem="answered 500")
        reports = RedisReports(redis, endpoints_key("kairos"))
        tell(reports, "w", failing)
        page.locator(".problems li", has_text="Endpoint crm has taken no message").wait_for()
        assert "answered 500" in page.locator("#health-endpoints").inner_text()
        tell(reports, "w", replace(failing, state="up", problem="", counts={"delivered": 4}))
        page.locator(".problems li", has_text="Endpoint crm").wait_for(state="detached")
        page.goto(shop.url + "/carts")
        page.locator("#carts-lift", has_text="Not enough yet: 25 more orders (5 of shoppers held out)").wait_for()
        page.locator("body[data-connected]").wait_for()
        counted = {"trials:carts:100:treated": 90_000, "conversions:carts:100:treated": 5_850}
        redis.hset("{kairos:0}:stats", mapping=counted)
        redis.hset(
            "{kairos:1}:stats", mapping={"trials:carts:100:holdout": 10_000, "conversions:carts:100:holdout": 500}
        )
        background.run(shop.passes())
        page.locator("#carts-lift", has_text="Decided: more order with a message than without.").wait_for()
    assert "Lift: +30% (+11% to +53%)" in page.get_by_role("figure").inner_text()


def test_a_shopper_is_found(look: Looking, background: Background, opened: Open) -> None:
    shop = opened()
    left(background, shop, "u/2 ?")
    background.run(shop.event(2, "Order Completed", "u/2 ?", order_id="o1", revenue=119.8, currency="USD"))
    background.run(shop.passes())
    page = look.at(shop.url + "/shoppers")
    page.get_by_label("Find a shopper by id").fill("u/2 ?")
    page.get_by_role("button", name="Find").click()
    page.locator("h1", has_text="u/2 ?").wait_for()
    told = page.locator("main").inner_text()
    assert "1 order for $119.80 in all" in told
    assert "Was reminded" in told
    assert "Segment: New" in told
    with page.expect_navigation():
        page.get_by_role("link", name="the same as JSON").click()
    assert '"u/2 ?"' in page.content()


def test_an_empty_redis_says_what_to_do_and_wakes_up(look: Looking, background: Background, opened: Open) -> None:
    shop = opened()
    reader = look.reader()
    pages = [look.tab(reader, shop.url + path) for path in ("/", "/shoppers", "/carts", "/churn", "/health")]
    for page in pages:
        page.get_by_text("make demo").wait_for()
    left(background, shop, "first")
    pages[0].bring_to_front()
    pages[0].locator(".message", has_text="first").wait_for()
    assert pages[0].locator(".figure").count() == 6


def test_redis_goes_away_and_comes_back(look: Looking, background: Background, opened: Open) -> None:
    shop = opened()
    left(background, shop, "before")
    page = look.at(shop.url)
    page.locator(".message", has_text="before").wait_for()
    shop.redis.stop()
    page.locator("#banner", has_text="Redis does not answer since").wait_for()
    assert page.locator(".message", has_text="before").is_visible(), "what was known stays"
    shop.redis.start()
    left(background, shop, "meanwhile")
    page.locator("#banner .banner").wait_for(state="detached")
    for user in ("before", "meanwhile"):
        page.locator(".message", has_text=user).wait_for()
    assert page.locator(".message").count() == 2, "nothing lost, nothing twice"


def test_a_token_missing_wrong_and_right(look: Looking, background: Background, opened: Open) -> None:
    shop = opened(Access(token="a-secret-token"))
    left(background, shop, "somebody")
    reader = look.reader()
    page = look.tab(reader, shop.url + "/carts?hide=money")
    assert page.locator("h1").inner_text() == "Sign in"
    assert page.locator("nav").count() == 0
    page.get_by_label("Token").fill("wrong")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    assert page.locator("input[name=next]").get_attribute("value") == "/carts?hide=money"
    page.get_by_label("Token").fill("a-secret-token")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Worth most").wait_for()
    assert page.url == shop.url + "/carts?hide=money"
    assert all("a-secret-token" not in cookie["value"] for cookie in reader.cookies())
    assert "a-secret-token" not in page.content()
    page.locator("body[data-connected]").wait_for()
    look.complaints = [each for each in look.complaints if "403" not in each and "401" not in each]
