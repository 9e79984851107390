"""Every view in a real browser, full of everything, by answers made by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from aiohttp import web
from axe_playwright_python.sync_playwright import Axe
from msgspec.structs import replace

from dashboard.event_stream import STREAMS
from dashboard.pages import routes
from tests.dashboard import sample
from tests.dashboard.browser.conftest import Background
from tests.dashboard.browser.looking import PHONE, WALL, Looking
from tests.dashboard.served import HandWatcher, application, serving

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PAGES = (
    "/",
    "/shoppers",
    "/carts",
    "/churn",
    "/health",
    "/shoppers/shopper-7",
    "/shoppers/nobody",
    "/tags/segment:loyal",
)
VIEWS = PAGES[:5]


class Site(NamedTuple):
    url: str
    app: web.Application
    watcher: HandWatcher
    background: Background

    def move(self, **found: Any) -> None:
        """Another look at the store found this."""
        self.background.run(self.watcher.move(**found))


@pytest.fixture(scope="module")
def site(background: Background) -> Iterator[Site]:
    patch = pytest.MonkeyPatch()
    patch.setattr(routes, "shopper", lambda _, user, __: None if user == "nobody" else sample.shopper(user))
    watcher = background.run(_watcher())
    app = application(watcher)
    served = serving(app)
    yield Site(background.run(served.__aenter__()), app, watcher, background)
    background.run(served.__aexit__(None, None, None))
    patch.undo()


async def _watcher() -> HandWatcher:
    return HandWatcher()


def serious(page: Any) -> list[str]:
    """What axe finds that keeps somebody from reading the page."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:200]} {each['nodes'][0]['failureSummary'][:300]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_everybody_can_read_every_page(look: Looking, site: Site, dark: bool) -> None:
    context, found = look.reader(dark=dark), {}
    for path in VIEWS if dark else (*PAGES, "/?wall&feed=all"):
        page = look.tab(context, site.url + path)
        found[path] = serious(page)
        page.close()
    look.complaints = [each for each in look.complaints if "404" not in each]  # of nobody
    assert {path: each for path, each in found.items() if each} == {}


def test_a_phone_scrolls_in_one_direction(look: Looking, site: Site) -> None:
    context = look.reader(PHONE)
    for path in PAGES:
        page = look.tab(context, site.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0], path
        if "shoppers/" not in path:
            assert page.locator(".fresh").is_visible()
    look.complaints = [each for each in look.complaints if "404" not in each]


def test_dark_and_light_by_the_system_and_by_choice(look: Looking, site: Site) -> None:
    def paper(page: Any) -> int:
        red = re.search(r"\d+", page.evaluate("getComputedStyle(document.body).backgroundColor"))
        assert red is not None
        return int(red[0])

    assert paper(look.at(site.url)) > 200
    assert paper(look.at(site.url, dark=True)) < 50
    reader = look.reader(dark=True)
    assert paper(look.tab(reader, site.url + "/?theme=light")) > 200
    assert paper(look.tab(reader, site.url + "/carts")) > 200, "the choice is remembered"


def test_chinese_by_the_browser_and_by_choice(look: Looking, site: Site) -> None:
    page = look.at(site.url + "/carts", locale="zh-CN")
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert page.locator("h1").inner_text() == "购物车"
    assert "US$8,113" in page.locator(".figures").first.inner_text()
    reader = look.reader()
    assert look.tab(reader, site.url + "/?lang=zh-CN").locator("nav").inner_text().startswith("实时")
    assert look.tab(reader, site.url + "/churn").locator("h1").inner_text() == "流失", "the choice is remembered"


def test_charts_are_drawn_and_follow_the_theme(look: Looking, site: Site) -> None:
    page = look.at(site.url)
    assert page.locator(".chart canvas").count() == 2
    drawn = "document.querySelector('#chart-curve canvas').toDataURL()"
    light = page.evaluate(drawn)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(300)
    assert page.evaluate(drawn) != light
    page.locator("#chart-curve .u-over").hover()
    assert page.locator("#chart-curve-1").inner_text().startswith("$")


def test_an_interval_is_drawn_beside_zero_and_told_to_who_cannot_see_it(look: Looking, site: Site) -> None:
    page = look.at(site.url + "/carts")
    picture = page.get_by_role("img", name="Orders more or fewer with a message than without")
    assert picture.count() == 1, "where it is too early there is none"
    assert "+30% (−5% to +83%)" in page.locator("#carts-lift desc").text_content()
    zero, span, estimate = (
        page.locator(f"#carts-lift svg .{part}").bounding_box() for part in ("zero", "span", "estimate")
    )
    middle = zero["x"] + zero["width"] / 2
    assert span["x"] < middle < estimate["x"] < estimate["x"] + estimate["width"] < span["x"] + span["width"]
    page.goto(site.url + "/churn")
    zero, span = (page.locator(f"#churn-lift svg .{part}").bounding_box() for part in ("zero", "span"))
    assert span["x"] > zero["x"] + zero["width"], "decided: zero is outside"


def test_deliveries_open_by_endpoint_with_keys_alone(look: Looking, site: Site) -> None:
    page = look.at(site.url + "/health")
    newest = page.locator("#health-endpoints summary", has_text="Newest of crm")
    newest.focus()
    page.keyboard.press("Enter")
    row = page.locator("#health-endpoints details tr", has_text="shopper-7")
    row.wait_for()
    assert row.inner_text().split("\t") == ["14:03:05", "Cart reminder", "shopper-7", "Delivered", "1", "200", "41 ms"]
    row.get_by_role("link").click()
    page.locator("h1", has_text="shopper-7").wait_for()


def test_a_new_message_comes_in_and_nothing_else_is_touched(look: Looking, site: Site) -> None:
    page = look.at(site.url)
    page.locator("summary", has_text="As a table").first.click()
    page.locator(".message .who").last.focus()
    page.evaluate("window.kept = [...document.querySelectorAll('.message, .figure, canvas')]")
    page.locator("body[data-connected]").wait_for()
    message = sample.messages()[0] | {"id": "f" * 32, "user_id": "somebody-new"}
    new = replace(sample.feed()[0], id="f" * 32, message=message)
    site.move(feed=[*sample.feed(), new])
    page.locator(".message", has_text="somebody-new").wait_for(timeout=2_000)
    assert "somebody-new" in page.locator(".message").first.inner_text(), "newest first"
    assert page.evaluate("window.kept.every((each) => each.isConnected)")
    assert page.evaluate("document.activeElement.classList.contains('who')"), "focus stays"
    assert page.locator("details.table").first.get_attribute("open") is not None
    site.move(feed=sample.feed())
    page.locator(".message", has_text="somebody-new").wait_for(state="detached")


def test_tabs_of_one_reader_share_a_stream_and_hand_it_over(look: Looking, site: Site) -> None:
    reader = look.reader()
    streams: list[Any] = []
    reader.on("request", lambda asked: "/live/" in asked.url and streams.append(asked))
    first, second = look.tab(reader, site.url + "/carts"), look.tab(reader, site.url + "/carts")
    first.wait_for_timeout(300)
    assert len(streams) == 1
    site.move(problem="gone")
    for page in (first, second):
        page.locator("#banner", has_text="Redis does not answer since").wait_for()
    first.close()
    site.move()
    second.locator("#banner .banner").wait_for(state="detached")
    assert len(streams) == 2


def test_a_lost_connection_is_told_and_mended(look: Looking, site: Site) -> None:
    async def cut() -> None:
        for task in list(site.app[STREAMS].tasks):
            task.cancel()

    page = look.at(site.url + "/health")
    page.locator("body[data-connected]").wait_for()
    site.background.run(cut())
    page.locator("#lost").wait_for()
    assert "is lost since" in page.locator("#lost").inner_text()
    page.locator("#lost").wait_for(state="hidden")
    look.complaints = [each for each in look.complaints if "ERR_" not in each]


def test_without_scripts_everything_is_there(look: Looking, site: Site) -> None:
    page = look.at(site.url, java_script_enabled=False)
    assert page.locator(".figure").count() == 6
    assert "without JavaScript it does not renew itself" in page.locator("noscript").inner_text()


def test_keys_alone_lead_everywhere(look: Looking, site: Site) -> None:
    page = look.at(site.url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    page.locator(".menu summary").focus()
    page.keyboard.press("Enter")
    assert page.locator(".sheet").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".sheet").is_visible()


def test_a_wall_fits_its_monitor(look: Looking, site: Site) -> None:
    page = look.at(site.url + "/?wall", WALL)
    assert page.locator("nav").count() == 0
    assert page.evaluate("document.documentElement.scrollHeight") == WALL[1]
    for name in ("figures", "curve", "funnel", "minutes", "feed"):
        box = page.locator(f"#now-{name}").bounding_box()
        assert box["y"] + box["height"] <= WALL[1], name
        card = page.locator(f"#now-{name} .card")
        assert card.evaluate("(card) => card.scrollHeight <= card.clientHeight + 1"), f"{name} is cut"


def test_a_shopper_is_found_by_any_id(look: Looking, site: Site) -> None:
    page = look.at(site.url + "/shoppers?hide=money")
    for user in ("shopper-7", sample.HOSTILE, "a/b?c#d%41", "..", "find"):
        page.goto(site.url + "/shoppers?hide=money")
        page.get_by_label("Find a shopper by id").fill(user)
        page.keyboard.press("Enter")
        page.locator("h1", has_text=user).wait_for()
        assert "hide=money" in page.url
        assert not re.search(r"\$\d", page.locator("main").inner_text())
    page.goto(site.url + "/shoppers/find?id=nobody")
    assert "Nothing is known of nobody" in page.locator("h1").inner_text()
    look.complaints = [each for each in look.complaints if "404" not in each]
