"""Odd timestamps, in the words of phones and plug-ins."""

from __future__ import annotations

from tests.cases.conftest import Replay


def test_a_time_with_an_offset_is_that_instant_and_what_is_no_time_is_said_to_be_none(replay: Replay) -> None:
    done = replay("10-odd-times.jsonl", until="2026-04-01T12:00:00Z")
    triggered = done.said("cart-abandonments", "t1", "triggered")
    assert [m["as_of"] for m in triggered] == [1775039430000]  # 10:30:30 UTC
    letters = {m["user_id"]: m["code"] for m in done.said("dead-letters")}
    assert {user: letters[user] for user in ("t2", "t3", "t4")} == dict.fromkeys(("t2", "t3", "t4"), "bad_timestamp")
