"""Shards' counters, merged."""

from __future__ import annotations

from collections import Counter

from models.interests.heat import Heat
from sinks.hours import Hour
from sinks.minutes import MINUTES, Minute, field, pack
from sinks.summary import merge

ONE = {
    "events": "10", "applied": "7", "duplicates": "2", "dead_letters": "1", "dead:not_json": "1", "orders": "2",
    "order_conflict": "1", "revenue:USD": "5990", "out:user-tags:entered": "3", "out:dead-letters:dead_letter": "1",
    "bot": "1", "interest:a:b": "2", "value:high": "3", "hesitating": "0", "visits:hour:09": "4",
    "segment:new": "2", "segment:loyal": "0", "stage:new": "4", "shoppers": "4", "ticks": "5", "late": "1",
    "carts": "2", "carts_value": "4000", "carts_reminded": "0", "rf:51": "1", "rf_value:51": "400", "rf:33": "0",
    "rf_value:33": "0", "alerts_standing": "1", "at_stake": "70", "risk:9": "2",
    "top_carts": '[[4000,"u1","a",2,5,0]]', "heat:products": '[["mug",1.0,2.0,0]]',
    "w:5": '[5,{"visits":2,"carts":-1}]',
    "trials:carts:100:treated": "9", "conversions:carts:100:treated": "2", "trials:carts:100:holdout": "1",
    "coerced:price:text": "2", "unknown_events": "3", "unknown_names": '[["Kauf",2],["Signed In",1]]',
}  # fmt: skip
OTHER = {
    "events": "5", "applied": "5", "orders": "1", "revenue:USD": "10", "revenue:CNY": "-7", "segment:new": "1",
    "out:user-tags:entered": "1", "out:user-tags:exited": "1", "shoppers": "2", "shoppers_expired": "1", "ticks": "5",
    "carts": "1", "carts_value": "100", "carts_reminded": "1", "carts_reminded_value": "100", "rf:51": "2",
    "rf_value:51": "500", "rf:11": "1", "rf_value:11": "-5", "risk:2": "1",
    "top_carts": '[[4100,"u2","b",1,6,9]]', "heat:products": '[["mug",1.0,1.0,0],["cup",5.0,5.0,0]]',
    "w:5": '[5,{"visits":1,"carts":2}]', "w:6": '[199,{"visits":7}]', "w:4": '[197,{"alerts":1}]',
    "trials:carts:100:treated": "1", "trials:carts:50:holdout": "4", "conversions:churn:100:holdout": "1",
    "coerced:price:text": "1", "ignored:coupon:wrong_type": "1", "unknown_names": '[["Signed In",5]]',
}  # fmt: skip
NONE = {"begun": 0, "converted": 0}


def test_the_json_object() -> None:
    assert merge([ONE, OTHER]).as_json() == {
        "events": 15,
        "applied": 12,
        "duplicates": 2,
        "dead_letters": {"not_json": 1},
        "late": 1,
        "clamped": 0,
        "too_old": 0,
        "dedupe_overflow": 0,
        "unknown_events": 3,
        "forwarded": 0,
        "forward_repeats": 0,
        "coerced": {"price:text": 3},
        "ignored": {"coupon:wrong_type": 1},
        "unknown_names": {"Signed In": 6, "Kauf": 2},
        "orders": 3,
        "order_conflict": 1,
        "revenue": {"CNY": -7, "USD": 6000},
        "outputs": {"dead-letters": {"dead_letter": 1}, "user-tags": {"entered": 4, "exited": 1}},
        "segments": {"new": 3},
        "tags": {"bot": 1, "interest:a:b": 2, "value:high": 3},
        "carts": {"open": 3, "value": 4_100, "reminded": 1, "reminded_value": 100},
        "alerts": {"standing": 1, "at_stake": 70},
        "risks": {"2": 1, "9": 2},
        "grid": {"11": [1, -5], "51": [3, 900]},
        "trials": {
            "carts": {
                "50": {"treated": NONE, "holdout": {"begun": 4, "converted": 0}},
                "100": {"treated": {"begun": 10, "converted": 2}, "holdout": {"begun": 1, "converted": 0}},
            },
            "churn": {"100": {"treated": NONE, "holdout": {"begun": 0, "converted": 1}}},
        },
        "shoppers": 6,
        "shoppers_expired": 1,
        "ticks": 10,
    }


def test_what_came_since_is_the_difference_and_who_is_there_is_there_now() -> None:
    own = merge([ONE, OTHER]).since(merge([ONE]))
    assert own.as_json() == merge([OTHER]).as_json() | {
        "outputs": {"dead-letters": {}, "user-tags": {"entered": 1, "exited": 1}},
        "segments": {"new": 3},
        "tags": {"bot": 1, "interest:a:b": 2, "value:high": 3},
        "carts": {"open": 3, "value": 4_100, "reminded": 1, "reminded_value": 100},
        "alerts": {"standing": 1, "at_stake": 70},
        "risks": {"2": 1, "9": 2},
        "grid": {"11": [1, -5], "51": [3, 900]},
        "shoppers": 6,
    }
    assert merge([ONE]).since(merge([ONE])).counts["events"] == 0


def test_hours_carts_and_views_of_all_shards() -> None:
    both = merge([ONE, OTHER])
    assert both.hours == (Hour(197, Counter(alerts=1)), Hour(199, Counter(visits=7)))  # 5 is as old as 193 before
    assert merge([ONE, {"w:5": '[5,{"visits":1}]'}]).hours == (Hour(5, Counter(visits=3, carts=-1)),)
    assert [(cart.value, cart.user, cart.reminded) for cart in both.top_carts] == [(4_100, "u2", 9), (4_000, "u1", 0)]
    assert both.heat == {"products": (Heat("cup", 5, 5, 0), Heat("mug", 2, 3, 0)), "categories": ()}
    assert merge([{}]).heat == {"products": (), "categories": ()}
    assert (both.grid, both.risks) == ({"11": (1, -5), "51": (3, 900)}, Counter({"9": 2, "2": 1}))


def test_no_shard_is_all_zeros() -> None:
    empty = merge([])
    assert empty.as_json()["events"] == 0
    assert (empty.minutes, empty.outputs) == ((), {})


def test_whatever_else_was_counted_is_summed_too() -> None:
    summary = merge([ONE, ONE, {"clamped": "1", "late": "3"}])
    assert (summary.counts["late"], summary.counts["clamped"], summary.stages["new"]) == (5, 1, 8)
    assert (summary.counts["dead_letters"], summary.counts["never"]) == (2, 0)


def test_minutes_are_summed_by_minute_not_by_field() -> None:
    day = 1_440
    hours = [[Minute(60 * hour + i, 1, 0, 5, 0) for i in range(60)] for hour in range(24, 48)]
    ahead = {field(hour): pack(minutes) for hour, minutes in enumerate(hours, 24)}
    behind = {"h:23": "[[1439,100,1,1,1]]", "m:4": f"{day + 4},10,2,3,4"}  # the latter as it was written before
    minutes = merge([ahead, behind]).minutes
    assert len(minutes) == MINUTES == day - 4
    assert minutes[0] == Minute(day + 4, 11, 2, 8, 4)
    assert minutes[-1] == Minute(2 * day - 1, 1, 0, 5, 0)
    assert list(minutes) == sorted(minutes)


def test_who_came_counts_as_a_visitor_for_five_minutes() -> None:
    """Visitors are written ahead: in a minute in which nothing happens those who came before it are told all the
    same."""
    behind = {"h:1": "[[60,2,0,0,0,2,2],[61,0,0,0,0,2],[62,0,0,0,0,2],[63,0,0,0,0,2],[64,0,0,0,0,2]]"}
    ahead = {"h:1": "[[62,1,0,0,0,1,1],[63,0,0,0,0,1],[64,0,0,0,0,1],[65,0,0,0,0,1],[66,0,0,0,0,1]]"}
    minutes = merge([behind, ahead]).minutes
    assert [(minute.minute, minute.visitors) for minute in minutes] == [
        (60, 2), (61, 2), (62, 3), (63, 3), (64, 3), (65, 1), (66, 1),
    ]  # fmt: skip
