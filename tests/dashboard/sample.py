"""Answers made by hand, with numbers that are told apart and names that would like to be markup."""

from __future__ import annotations

from typing import Any

import msgspec

from dashboard.answers.carts import Age, Carts, Day, OpenCart, Outcome
from dashboard.answers.churn import Band, Churn
from dashboard.answers.compared import Compared
from dashboard.answers.feed import Item
from dashboard.answers.health import Endpoint, Health, Sample, Shard, Worker
from dashboard.answers.now import Curve, Freshness, Funnel, Now, Rate, Rising
from dashboard.answers.shopper import Happened, Held, Shopper
from dashboard.answers.shopper import OpenCart as ShoppersCart
from dashboard.answers.shoppers import Cell, Holders, Move, Segment, Shoppers
from models.acting.lift import Arms, Experiment, Tally, lift
from models.churn.card import Card, Contestant, HorizonCard, RivalCard, Score
from models.churn.level import Level
from models.churn.outlook import Outlook
from models.kernel.settings import DAY, HOUR, MINUTE
from models.profile.usual import Discounts, Typical, Usual
from models.rfm.segments import SEGMENTS, segment
from sinks.deliveries import Delivery, EndpointReport

AS_OF = 1_790_604_185_000
"""2026-09-28, 14:03:05 UTC."""
HOSTILE = "<img src=x onerror=alert(1)>\"'&/é漢"
FRESH = Freshness(as_of=AS_OF, behind=2_000, lag=3, workers=2)


def now() -> Now:
    return Now(
        freshness=FRESH,
        currency="USD",
        day="2026-09-28",
        visitors=Compared(128, 101, 140),
        orders=Compared(412, 371, 398),
        revenue=Compared(2_874_061, 2_411_177, 2_951_393),
        conversion=Compared(0.0311, 0.0291, 0.0311),
        basket=Compared(6_975.88, 6_499, None),
        open_carts=Compared(96, 88, None),
        curve=Curve(_curve(843, 7, 3409), _curve(1440, 60, 101_000), _curve(1440, 60, 123_000)),
        funnel=Funnel(151, 120, 31, 14, 9),
        funnel_today=Funnel(13_247, 9_876, 1_523, 731, 412),
        minutes=tuple(Rate(AS_OF - m * MINUTE, 180 + m * 7 % 60, m * 5 % 7, m * 3 % 5) for m in range(60, 0, -1)),
        products=(Rising("p-214", 31.0, 4.2, 7.4), Rising(HOSTILE, 12.0, 4.0, 3.0)),
        categories=(Rising("shoes", 90.0, 30.0, 3.0), Rising("hats", 22.0, 11.0, 2.0)),
    )


def _curve(end: int, step: int, each: int) -> tuple[tuple[int, int], ...]:
    return tuple((minute, each * i) for i, minute in enumerate(range(0, end, step)))


def carts() -> Carts:
    outcome = Outcome(214, 260, 1_712_018, 38, 321_457, 4, 61, 17, 0.178)
    return Carts(
        freshness=FRESH,
        currency="USD",
        open=96,
        value=811_317,
        reminded=61,
        reminded_value=512_219,
        today=Outcome(31, 40, 251_343, 6, 41_211, 1, 3, 2, 0.194),
        week=outcome,
        days=tuple(Day(f"2026-09-{day}", 20 + day % 9, day % 7, (day % 7) / (20 + day % 9)) for day in range(22, 29)),
        suppressed=(("unidentified", 14), ("cap", 3), ("holdout", 2), (HOSTILE, 1)),
        deferred=(("active", 41), ("quiet", 5)),
        experiments=(experiment("carts"), experiment("carts", 50, Arms(Tally(900, 60), Tally(50, 2)))),
        ages=(Age(0, HOUR, 31), Age(HOUR, DAY, 40), Age(DAY, 3 * DAY, 18), Age(3 * DAY, None, 7)),
        dearest=(
            OpenCart("shopper-7", "c7", 128_917, 3, AS_OF - 40 * MINUTE, AS_OF - 10 * MINUTE, "checkout"),
            OpenCart(HOSTILE, "default", 99_813, 1, AS_OF - 3 * MINUTE, 0),
        ),
    )


OPEN = Arms(Tally(18_000, 1_170), Tally(2_000, 100))
"""30 % more order with a message, not decided yet."""


def experiment(programme: str, permille: int = 100, arms: Arms = OPEN) -> Experiment:
    found = lift(arms, permille / 1000)
    return Experiment(programme=programme, permille=permille, running=permille == 100, arms=arms, lift=found)


def score(loss: float, labels: int = 4_120) -> Score:
    cells = tuple((i / 10, 400 - 30 * i, 0.04 + 0.9 * i / 10) for i in range(10))
    return Score(labels, 0.31, 0.33, loss, 0.791, 0.162, cells)


def card() -> Card:
    def horizon(days: int, provisional: bool) -> HorizonCard:
        who = (
            Contestant("hazard", True, score(0.5123), score(0.5201, 9_000), None, None),
            Contestant("recency_frequency", False, score(0.5519), score(0.5601, 9_000), 0.0396, 0.011),
            Contestant("river", False, score(0.5301), score(0.5402, 9_000), 0.0178, 0.012),
        )
        return HorizonCard(days, "hazard", provisional, who)

    return Card(
        model="model/20260928",
        step_days=14.0,
        alerts_from=0.83,
        buyers=2_310,
        repeat_orders=1_204,
        level=Level(),
        weights={"log gap": -0.41, "orders": 0.3},
        window_days=90,
        horizons=(horizon(30, True), horizon(90, False)),
        drift=(20260912,),
        rival=RivalCard("StandardScaler | LogisticRegression", "a\nb", 20260901, 3_000),
        rival_failed=None,
        closed_form=None,
        orders_expected=100.0,
        orders_came=112.0,
        orders_scale=1.1,
    )


def churn() -> Churn:
    return Churn(
        freshness=FRESH,
        currency="USD",
        distribution=tuple(Band(i / 10, (i + 1) / 10, 30 + i * 13 % 57) for i in range(10)),
        bands={"low": 510, "medium": 180, "high": 77},
        standing=77,
        at_stake=1_934_518,
        raised_today=5,
        raised_week=31,
        suppressed=(("holdout", 3), ("consent", 1)),
        experiments=(experiment("churn", arms=Arms(Tally(90_000, 5_850), Tally(10_000, 500))),),
        card=card(),
        verdict="good",
    )


def health(*problems: str) -> Health:
    shards = tuple(Shard(p, "w1", 4, 900 + p, AS_OF - p * 500, 2_000 + p, 3, 0, 1, 4_000, 0) for p in range(4))
    return Health(
        freshness=FRESH,
        ok=not problems,
        problems=problems,
        events=1_234_567,
        shards=shards,
        workers=(Worker("w1", "host-a", 4711, "0.2.0", 4, 900, ()),),
        endpoints=endpoints(),
        dead_letters=(("absurd_quantity", 3), ("not_json", 1)),
        samples=(
            Sample(AS_OF - MINUTE, "absurd_quantity", "a quantity is over 100000", "u2", "cart", 1, 771, HOSTILE),
        ),
        unknown_names=(("Kauf", 12), (HOSTILE, 2)),
        coerced=(("price:text", 41),),
        ignored=(("coupon:wrong_type", 3),),
        fates=(("late", 12), ("clamped", 2)),
    )


def endpoints() -> tuple[Endpoint, ...]:
    counts = {"delivered": 4_120, "expired": 7, "retracted": 3, "undeliverable": 2, "attempts": 4_301}
    up = EndpointReport("crm", "crm.example", AS_OF, "up", AS_OF - HOUR, 3, 1, AS_OF, 2, counts, 41, 380)
    bad = EndpointReport(HOSTILE, "127.0.0.1:9", AS_OF, "failing", AS_OF - MINUTE, 31, problem="500: <b>no</b>")
    newest = (
        Delivery("f" * 32, "cart-abandonments", "triggered", "shopper-7", AS_OF, AS_OF, "delivered", 1, 200, 41),
        Delivery("e" * 32, "churn-alerts", "raised", HOSTILE, AS_OF, AS_OF, "undeliverable", 9, 500, 12, "<i>no</i>"),
    )
    return (Endpoint(up, False, newest), Endpoint(bad, True, ()))


def shoppers() -> Shoppers:
    cells = tuple(
        Cell(r, f, SEGMENTS[segment(r, f)], 7 * r * f + f, 41_317 * r * f) for r in range(1, 6) for f in range(1, 6)
    )
    return Shoppers(
        freshness=FRESH,
        currency="USD",
        shoppers=18_233,
        grid=cells,
        segments=tuple(Segment(name, 40 + i, 100_017 * i, i, 2 * i % 5) for i, name in enumerate(SEGMENTS[1:])),
        moves=(Move("loyal", "at_risk", 7), Move("", "new", 31), Move("new", "promising", 12)),
        stages=(Holders("active", 9_000), Holders("new", 4_000), Holders("lapsed", 5_233)),
        tags=(Holders("value:low", 411), Holders("interest:shoes", 320), Holders(f"interest:{HOSTILE}", 3)),
    )


def shopper(user: str = "shopper-7") -> Shopper:
    return Shopper(
        user_id=user,
        as_of=AS_OF,
        currency="USD",
        segment="loyal",
        stage="active",
        tags=(Held("segment:loyal", AS_OF - 3 * DAY, "R 4 F 4 M 3: last order 3 d ago, 4 in all"), Held("bot", 1, "")),
        carts=(
            ShoppersCart(
                "c7", (("p1", 2, 5_990), (HOSTILE, 1, None)), 11_980, AS_OF - HOUR, AS_OF - MINUTE, AS_OF - HOUR
            ),
        ),
        timeline=(
            Happened(AS_OF - MINUTE, "reminded", 11_980, "c7"),
            Happened(AS_OF - HOUR, "left", 11_980, "c7"),
            Happened(AS_OF - 2 * HOUR, "looked"),
            Happened(AS_OF - 3 * DAY, "bought", 28_740, "o-4"),
            Happened(AS_OF - 9 * DAY, "tag", None, "interest:shoes"),
        ),
        usual=Usual(
            basket=Typical(5_990, (4_000, 9_000), 5_000),
            gap_days=Typical(21, (10, 40), 35),
            discounts=Discounts(discounted=1, orders=4, expected=0.2, deviation=0.1, shop=0.3, shop_orders=900),
        ),
        churn=Outlook(
            as_of=AS_OF,
            model="model/20260928",
            provisional=False,
            horizon_days=90,
            risk=0.31,
            risk_after_order=0.22,
            path=((0, 0.31), (14, 0.4), (28, 0.51), (42, 0.6), (56, 0.68), (70, 0.75), (84, 0.8)),
            expected_next_order=AS_OF + 11 * DAY,
            expected_orders_90d=2.1,
            expected_orders_365d=7.9,
            value_next_year=48_713,
            reasons=("no order for 3 d, usually every 21 d (shop: 35 d)",),
        ),
        messages=(messages()[0],),
        profile={
            "user": user,
            "shard": 1,
            "first": AS_OF - 90 * DAY,
            "last": AS_OF - MINUTE,
            "visits": 11,
            "bot": False,
            "stage": "active",
            "stage_since": AS_OF - 80 * DAY,
            "buyer": {
                "valid": 4,
                "net": 28_740,
                "last": AS_OF - 3 * DAY,
                "segment": "loyal",
                "segment_since": AS_OF - 3 * DAY,
            },
        },
    )


def messages() -> list[dict[str, Any]]:
    base: dict[str, Any] = {"user_id": "shopper-7", "as_of": AS_OF - MINUTE}
    cart = {"cart_id": "c7", "anchor": 1, "step": 1, "arm": "treated", "currency": "USD", "value": 128_917}
    left = "3 items left for 30 min without an order"
    alert = {"kind": "raised", "value_at_stake": 14_521, "currency": "USD", "user_id": HOSTILE, "risk": 0.88}
    spent = "expected to spend 48713 in USD minor units within a year"
    found = [
        base | cart | {"kind": "triggered", "reason": left},
        base | cart | {"kind": "recovered", "reason": "ordered after the trigger", "value": 0},
        base | alert | {"reason": "no order for 3 times the usual gap"},
        base | {"kind": "entered", "tag": "value_next_year:high", "reason": spent, "since": AS_OF},
        base | {"kind": "dead_letter", "code": "not_json", "reason": "Input data was truncated", "user_id": None},
    ]
    return [{"id": f"{i:032x}"} | message for i, message in enumerate(found)]


TOPICS = ("cart-abandonments", "cart-abandonments", "churn-alerts", "user-tags", "dead-letters")


def feed() -> list[Item]:
    told = zip(TOPICS, messages(), strict=True)
    return [
        Item(f"0-{i}", topic, f"{i:032x}", m["kind"], m["user_id"], m["as_of"], m["reason"], msgspec.to_builtins(m))
        for i, (topic, m) in enumerate(told)
    ]
