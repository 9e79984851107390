"""The people with a script, through the engine: each kind of output within half an hour, at the planned minute."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from kairos.config.settings import Settings
from kairos.replay import ticks
from kairos.replay.local import Local
from kairos.simulate import scripted
from kairos.simulate.settings import DEMO, SimulationSettings
from kairos.simulate.shop import Shop
from models.kernel.settings import DAY, HOUR, MINUTE
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore

MOMENT = DEMO.start + 70 * DAY
ALONE = replace(DEMO, shoppers=1, campaign=None, scripted=MOMENT, end=MOMENT + HOUR)


def said(settings: SimulationSettings) -> list[dict[str, Any]]:
    """What the engine says up to an hour after the moment."""
    outputs = MemoryOutputs()
    Local(Settings(), 2, MemoryStore(), outputs).run(ticks.spans([list(Shop(settings))]))
    return [json.loads(message.value) for _, message in outputs.messages]


@pytest.fixture(scope="module")
def messages() -> list[dict[str, Any]]:
    return [message for message in said(ALONE) if str(message.get("user_id", "")) >= f"shopper-{scripted.FIRST}"]


def minutes(messages: list[dict[str, Any]], kind: str) -> list[int]:
    """When messages of this kind came, in minutes from the moment; all of them on the minute."""
    found = [divmod(message["as_of"] - MOMENT, MINUTE) for message in messages if message["kind"] == kind]
    assert all(rest == 0 for _, rest in found)
    return sorted(minute for minute, _ in found)


def test_carts_are_reminded_of_when_the_script_says(messages: list[dict[str, Any]]) -> None:
    lingered = (due + 28 for due in scripted.LINGER)  # half an hour after the last look, 2 minutes before it was due
    assert minutes(messages, "triggered") == sorted([*scripted.LEAVE, *(due for due, _ in scripted.RETURN), *lingered])


def test_who_is_held_out_is_not_reminded(messages: list[dict[str, Any]]) -> None:
    assert minutes(messages, "suppressed") == sorted(scripted.HELD_OUT)
    assert {m["reason"] for m in messages if m["kind"] == "suppressed"} == {"holdout"}


def test_some_are_ordered_after_all(messages: list[dict[str, Any]]) -> None:
    assert minutes(messages, "recovered") == sorted(order for _, order in scripted.RETURN)


def test_buyers_become_overdue_when_the_script_says_and_not_before(messages: list[dict[str, Any]]) -> None:
    assert minutes(messages, "raised") == sorted(due for due, _ in scripted.OVERDUE)


def test_new_buyers_get_their_segment_when_they_order(messages: list[dict[str, Any]]) -> None:
    entered = [m for m in messages if m["kind"] == "entered" and m["tag"] == "segment:new" and m["as_of"] >= MOMENT]
    assert set(scripted.BEGIN) <= set(minutes(entered, "entered"))


def test_all_four_kinds_come_in_the_first_five_minutes(messages: list[dict[str, Any]]) -> None:
    early = {message["kind"] for message in messages if MOMENT < message["as_of"] <= MOMENT + 5 * MINUTE}
    assert {"entered", "triggered", "recovered", "raised"} <= early


def test_the_script_does_not_depend_on_the_seed() -> None:
    for seed in (1, 99):
        found = said(replace(ALONE, seed=seed))
        assert {"triggered", "recovered", "raised"} <= {m["kind"] for m in found if m["as_of"] >= MOMENT}


def test_everybody_keeps_out_of_the_way_of_the_faults() -> None:
    quiet = replace(ALONE, duplicates=0.0, late=0.0, out_of_order=0.0, bad=0.0)
    played = [[row for row in Shop(s) if (row[2] or b"") >= b"shopper-90001"] for s in (ALONE, quiet)]
    assert played[0] == played[1]
    assert len(played[0]) > 100
