"""What messages bring and where they go, from counters and reports to the page: worked by hand."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from msgspec.structs import replace

from dashboard.answers.carts import carts
from dashboard.answers.churn import churn
from dashboard.answers.endpoints import problems
from dashboard.answers.feed import Item
from dashboard.answers.health import health
from dashboard.answers.lift import lifts
from dashboard.answers.reach import reach
from dashboard.endpoint_looker import EndpointLooker
from dashboard.pages.asked import Asked
from dashboard.pages.render import Renderer
from dashboard.pages.told import topic_of
from dashboard.pages.views import VIEWS, Seen
from dashboard.shop import ShopView
from dashboard.snapshot import Endpoint, Snapshot
from dashboard.words import Words
from models.acting.lift import Arms, Tally
from models.features import ShopSettings
from models.kernel.settings import HOUR, MINUTE
from sinks import deliveries, hours
from sinks.deliveries import Delivery, EndpointReport
from sinks.memory_store import MemoryStore
from sinks.store import StoreError
from sinks.summary import merge
from tests.dashboard.sample import AS_OF
from tests.dashboard.served import LOOKED

EN, ZH = Words("en", "UTC"), Words("zh_CN", "UTC")
ARMS = {
    "trials:carts:100:treated": "18000", "conversions:carts:100:treated": "1170",
    "trials:carts:100:holdout": "2000", "conversions:carts:100:holdout": "100",
    "trials:carts:50:treated": "900", "trials:carts:50:holdout": "50",
}  # fmt: skip
BY_HOUR = {
    0: {"suppressed:cap": 3, "suppressed:consent": 1, "deferred:active": 5, "alert_suppressed:holdout": 2},
    24: {"suppressed:cap": 1, "suppressed:holdout": 9, "deferred:quiet": 2, "alert_suppressed:cap": 1},
    190: {"suppressed:stale": 7, "deferred:active": 70, "alert_suppressed:consent": 7},
}
"""By hours ago: the last is more than a week."""
CARTS = [[900, "u1", "c1", 2, AS_OF, AS_OF], [800, "u2", "c1", 2, AS_OF, AS_OF], [700, "u3", "c1", 1, AS_OF, 0]]


def shop(**settings: Any) -> ShopView:
    return ShopView(settings=ShopSettings(currency="USD", time_zone="UTC", **settings), name="Kairos")


def snapshot(**parts: Any) -> Snapshot:
    newest = AS_OF // HOUR
    counted = {hours.field(newest - ago): hours.pack(newest - ago, counts) for ago, counts in BY_HOUR.items()}
    return replace(LOOKED, summary=merge([ARMS | counted | {"top_carts": json.dumps(CARTS)}]), **parts)


def section(view: str, name: str, seen: Snapshot, of: ShopView | None = None, lang: str = "en") -> str:
    """A section of a page as text, without tags."""
    found = Renderer(of or shop()).sections(VIEWS[view], Seen(seen), Asked(lang=lang))
    (markup,) = [each.html for each in found if each.id == f"{view}-{name}"]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def test_reasons_of_a_week_the_most_first() -> None:
    found = carts(snapshot(), shop())
    assert found.suppressed == (("holdout", 9), ("cap", 4), ("consent", 1))
    assert found.deferred == (("active", 5), ("quiet", 2))
    assert churn(snapshot(), shop()).suppressed == (("holdout", 2), ("cap", 1))
    told = section("carts", "suppressed", snapshot())
    assert re.findall(r"(had enough[a-z ]*|held out, to compare with|no consent|quiet hours[a-z ]*) (\d+)", told) == [
        ("held out, to compare with", "9"),
        ("had enough messages lately", "4"),
        ("no consent", "1"),
        ("quiet hours where the shopper is", "2"),
    ]
    assert "held out, to compare with 2" in section("churn", "suppressed", snapshot())
    assert "对照组，用于比较 9" in section("carts", "suppressed", snapshot(), lang="zh-CN")


def test_the_stage_of_a_cart_is_that_of_its_newest_message() -> None:
    def said(user: str, **more: str) -> Item:
        return Item("", "cart-abandonments", "", "triggered", user, AS_OF, "", {"cart_id": "c1", **more})

    other = Item("", "user-tags", "", "entered", "u3", AS_OF, "", {"tag": "bot"})
    found = carts(snapshot(), shop(), [said("u1"), said("u2"), said("u1", stage="checkout"), other])
    assert [cart.stage for cart in found.dearest] == ["checkout", "cart", ""]


def test_experiments_of_a_programme_the_running_one_first() -> None:
    found = carts(snapshot(), shop()).experiments
    assert [(each.permille, each.running, each.arms) for each in found] == [
        (100, True, Arms(Tally(18_000, 1_170), Tally(2_000, 100))),
        (50, False, Arms(Tally(900, 0), Tally(50, 0))),
    ]
    assert [each.arms for each in churn(snapshot(), shop()).experiments] == [Arms()]
    every = lifts(snapshot(), shop(holdout=0.2))
    assert (every.holdout, [(each.programme, each.permille) for each in every.experiments]) == (
        0.2,
        [("carts", 200), ("carts", 50), ("carts", 100), ("churn", 200)],
    )


def test_the_page_tells_arms_lift_and_how_many_more() -> None:
    told = section("carts", "lift", snapshot())
    assert "10.0% held out Not decided yet: about 11,000 more carts are needed, if the lift is +29%." in told
    assert "Lift: +30% (−5% to +83%) in points +1.50 (−0.08 to +3.08)" in told
    assert "With a message 18,000 1,170 6.50% Held out 2,000 100 5.00%" in told
    assert "Before: 5.0% held out Ended too early to tell anything" in told
    assert "尚无结论：若提升为 +29%，约还需 11,000 个购物车。" in section("carts", "lift", snapshot(), lang="zh-CN")
    assert "Nothing was counted yet." in section("churn", "lift", snapshot())
    none = section("churn", "lift", snapshot(), shop(holdout=0.0))
    assert "Nobody is held out (KAIROS_HOLDOUT is 0)" in none
    assert "held out Nothing" not in none


UP = EndpointReport("crm", "crm.example", AS_OF, since=AS_OF - HOUR)
FAILING = replace(UP, state="failing", since=LOOKED.at - 90_000, waiting=30, retrying=1, problem="500 thrice")
NOW = LOOKED.at


@pytest.mark.parametrize(
    ("reports", "told"),
    [
        ([UP], []),
        ([replace(UP, state="slowed")], []),
        ([FAILING], ["Endpoint crm has taken no message for 90 s, 31 wait: 500 thrice"]),
        ([replace(UP, state="off", problem="410")], ["Endpoint crm is off, nothing is sent to it: 410"]),
        (
            [replace(FAILING, at=NOW - MINUTE), replace(UP, name="b", at=NOW - 3 * MINUTE)],
            ["Nobody has sent messages to endpoints for 60 s: start `kairos act`."],
        ),
        ([UP, replace(FAILING, name="taken-out", at=NOW - MINUTE)], []),
    ],
)
def test_what_is_wrong_with_endpoints(reports: list[EndpointReport], told: list[str]) -> None:
    seen = snapshot(endpoints=tuple(map(Endpoint, reports)))
    assert list(problems(seen, EN)) == told
    verdict = health(seen, shop(), (), EN)
    assert verdict.ok == (not told)
    assert set(told) <= set(verdict.problems)


def test_the_page_tells_of_endpoints_and_their_newest_deliveries() -> None:
    counts = {"delivered": 4_120, "expired": 7, "retracted": 3, "undeliverable": 2}
    report = replace(FAILING, counts=counts, p50=41, p99=1_380, behind=12)
    one = Delivery("f" * 32, "churn-alerts", "suppressed", "u1", AS_OF, AS_OF, "undeliverable", 9, 500, 12, "no luck")
    told = section("health", "endpoints", snapshot(endpoints=(Endpoint(report, (one,)),)))
    assert "crm crm.example failing since 14:01:37 500 thrice 30 1 12 4,120 7 3 2 41 ms 1,380 ms" in told
    assert "Newest of crm" in told
    assert "14:03:05 Churn alert not sent u1 Undeliverable no luck 9 500 12 ms" in told
    lost = snapshot(endpoints=(Endpoint(replace(report, at=NOW - HOUR)),))
    assert "no longer told of" in section("health", "endpoints", lost)
    assert "kairos act" in section("health", "endpoints", snapshot())


class Counting(MemoryStore):
    """Says how often deliveries were asked for, and may refuse that."""

    asked, refuses = 0, False

    def deliveries(self, endpoint: str, count: int) -> list[bytes]:
        self.asked += 1
        if self.refuses:
            raise StoreError("NOPERM")
        return super().deliveries(endpoint, count)


def test_deliveries_are_read_where_counts_moved_only() -> None:
    store, counted = Counting(), replace(UP, counts={"delivered": 1})
    looker = EndpointLooker(store)
    assert looker.look(store.endpoints()) == ()
    deliveries.tell(store.endpoint_reports, "a", counted)
    first = looker.look(store.endpoints())
    assert (first, store.asked) == ((Endpoint(counted),), 1)
    assert looker.look(store.endpoints()) is first
    deliveries.tell(store.endpoint_reports, "a", replace(counted, at=AS_OF + 2_000))
    assert (looker.look(store.endpoints())[0].report.at, store.asked) == (AS_OF + 2_000, 1)
    came = Delivery("f" * 32, "cart-abandonments", "triggered", "u1", AS_OF, AS_OF, "delivered", 1)
    store.ended["crm"] = [deliveries.encode(came)]
    deliveries.tell(store.endpoint_reports, "a", replace(counted, counts={"delivered": 2}))
    assert (looker.look(store.endpoints())[0].newest, store.asked) == ((came,), 2)
    store.refuses = True
    deliveries.tell(store.endpoint_reports, "a", replace(counted, counts={"delivered": 3}))
    assert looker.look(store.endpoints())[0].newest == (), "who may not read them sees the rest"


def test_a_story_says_whether_somebody_may_be_written_to() -> None:
    day = AS_OF - HOUR
    profile = {
        "consent": {
            "": {"allowed": False, "since": day},
            "sms": {"allowed": True, "since": day - 1},
            "push": {"allowed": True, "since": day},
        },
        "zone": "Asia/Shanghai",
        "asked_to_act": [AS_OF - 2 * HOUR, AS_OF - HOUR],
        "trials": {"carts": {"arm": "holdout"}, "churn": {"arm": "treated"}},
    }
    assert list(reach(profile, AS_OF, EN)) == [
        "Refused all messages on Sep 28, 2026.",
        "Agreed to messages by push on Sep 28, 2026.",
        "Lives by the clock of Asia/Shanghai.",
        "2 messages asked for something lately, the last one 1 hour ago.",
        "Is held out of reminders of carts: gets none, to compare with.",
    ]
    assert len(list(reach(profile, AS_OF, ZH))) == 5
    assert list(reach({}, AS_OF, EN)) == []


def test_a_kind_that_two_topics_have_is_told_by_its_fields() -> None:
    cart = {"kind": "suppressed", "id": "", "as_of": 0, "user_id": "u", "cart_id": "c", "anchor": 1, "step": 1}
    alert = {"kind": "suppressed", "id": "", "as_of": 0, "user_id": "u", "last_order": 1, "overdue_ratio": 3.0}
    assert [topic_of(each) for each in (cart, alert)] == ["cart-abandonments", "churn-alerts"]
    assert topic_of({"kind": "dead_letter"}) == "dead-letters"
