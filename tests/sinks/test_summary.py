"""Shards' counters, merged."""

from __future__ import annotations

from sinks.minutes import Minute, field, pack
from sinks.summary import merge

ONE = {
    "events": "10", "applied": "7", "duplicates": "2", "dead_letters": "1", "dead:not_json": "1", "orders": "2",
    "order_conflict": "1", "revenue:USD": "5990", "out:user-tags:entered": "3", "out:dead-letters:dead_letter": "1",
    "bot": "1", "interest:a:b": "2", "value:high": "3", "hesitating": "0", "visits:hour:09": "4",
    "segment:new": "2", "segment:loyal": "0", "stage:new": "4", "shoppers": "4", "ticks": "5", "late": "1",
    "coerced:price:text": "2", "unknown_events": "3", "unknown_names": '[["Kauf",2],["Signed In",1]]',
}  # fmt: skip
OTHER = {
    "events": "5", "applied": "5", "orders": "1", "revenue:USD": "10", "revenue:CNY": "-7", "segment:new": "1",
    "out:user-tags:entered": "1", "out:user-tags:exited": "1", "shoppers": "2", "shoppers_expired": "1", "ticks": "5",
    "coerced:price:text": "1", "ignored:coupon:wrong_type": "1", "unknown_names": '[["Signed In",5]]',
}  # fmt: skip


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
        "shoppers": 6,
    }
    assert merge([ONE]).since(merge([ONE])).counts["events"] == 0


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
    behind = {"h:23": "[[1439,100,1,1,1]]", "m:0": f"{day},10,2,3,4"}  # the latter as it was written before
    minutes = merge([ahead, behind]).minutes
    assert len(minutes) == day
    assert minutes[0] == Minute(day, 11, 2, 8, 4)
    assert minutes[-1] == Minute(2 * day - 1, 1, 0, 5, 0)
    assert list(minutes) == sorted(minutes)
