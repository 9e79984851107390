"""Odd timestamps, in the words of phones and plug-ins."""

from __future__ import annotations

from tests.cases.conftest import Replay


def test_a_time_with_an_offset_is_that_instant_and_what_is_no_time_is_said_to_be_none(replay: Replay) -> None:
    done = replay("10-odd-times.jsonl", until="2026-04-01T12:00:00Z")
    triggered = done.said("cart-abandonments", "t1", "triggered")
    assert [m["as_of"] for m in triggered] == [1775039430000]  # 10:30:30 UTC
    letters = {m["user_id"]: m["code"] for m in done.said("dead-letters")}
    assert {user: letters[user] for user in ("t2", "t3", "t4")} == dict.fromkeys(("t2", "t3", "t4"), "bad_timestamp")


def test_a_batch_of_an_sdk_and_a_call_without_its_time_are_told_for_what_they_are(replay: Replay) -> None:
    done = replay("29-batch-envelope.jsonl", until="2026-04-01T12:00:00Z")
    told = [(m["code"], m["reason"]) for m in done.said("dead-letters")]
    assert sorted(told) == [
        ("bad_timestamp", "an SDK's batch: send its calls one by one"),
        ("bad_timestamp", "timestamp is missing"),
    ]
