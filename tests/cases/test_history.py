"""Files of history in which some clocks are wrong: everybody else's figures stay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cases.conftest import INPUTS, Replay

DAY = "2026-04-02T00:00:00Z"
CARTS = {"triggered": 2, "suppressed": 0, "cancelled": 0, "recovered": 0, "expired": 0}


def test_a_device_a_month_ahead_reminds_no_buyer(replay: Replay) -> None:
    done = replay("39-device-ahead.jsonl", until=DAY)
    assert done.report["outputs"]["cart-abandonments"] == CARTS
    assert {m["user_id"] for m in done.said("cart-abandonments", kind="triggered")} == {"lv0", "lv1"}
    assert (done.report["events"], done.report["applied"], done.report["clamped"]) == (15, 15, 1)


@pytest.mark.parametrize("count", [1, 3, 10])
@pytest.mark.parametrize("place", [0, 8, 14], ids=["early", "in the middle", "at the end"])
def test_however_many_there_are_and_wherever(replay: Replay, tmp_path: Path, place: int, count: int) -> None:
    """Without word of when they were received, so by the others alone."""
    lines = [json.loads(line) for line in (INPUTS / "39-device-ahead.jsonl").read_bytes().splitlines()]
    (ahead,) = [line for line in lines if line["userId"] == "ahead"]
    others = [line for line in lines if line is not ahead]
    ahead.pop("receivedAt", None)
    strangers = [ahead | {"messageId": f"a{n}", "userId": f"ahead{n}"} for n in range(count)]
    file = tmp_path / "in.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in [*others[:place], *strangers, *others[place:]]))
    done = replay(file, until=DAY)
    assert done.report["outputs"]["cart-abandonments"] == CARTS
    assert done.report["clamped"] == count
    assert f"(clamped): {count}" in done.text


def test_one_event_of_2099_leaves_the_figures_of_240_shoppers_alone(replay: Replay) -> None:
    clean, disturbed = (replay(f"history_{name}.jsonl.gz") for name in ("clean", "one_future"))
    assert clean.report["outputs"]["cart-abandonments"]["triggered"] == 80
    assert len(clean.messages) == len(disturbed.messages)
    assert disturbed.messages == clean.messages
    assert {user: clean.profiles[user] for user in clean.profiles} == {
        user: profile for user, profile in disturbed.profiles.items() if user in clean.profiles
    }
    own = {"events", "applied", "clamped", "shoppers", "shoppers_expired", "seconds"}
    assert {k: v for k, v in clean.report.items() if k not in own} == {
        k: v for k, v in disturbed.report.items() if k not in own
    }
    assert (disturbed.report["events"] - clean.report["events"], disturbed.report["clamped"]) == (1, 1)
