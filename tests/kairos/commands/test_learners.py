"""`kairos learners`: every learner of the registry, with sizes and times, in words and as JSON."""

from __future__ import annotations

import json

import msgspec

from kairos.commands import learners
from models.learners.beta import BetaCounts
from models.orders.gaps import Gaps
from models.orders.order_values import OrderValues
from models.profile.learners import AMOUNTS, FADING, GAPS, LEARNERS
from tests.conftest import Run

NAMES = [listed.name for listed in LEARNERS]


def test_one_a_line_for_people(run: Run) -> None:
    shown = run("learners")
    assert shown.exit_code == 0
    heading, *lines = shown.stdout.splitlines()
    assert heading.split() == ["learner", "state", "step", "learns"]
    assert [line.split()[0] for line in lines[: len(NAMES)]] == NAMES
    assert all(" µs  " in line and "; as river." in line for line in lines[: len(NAMES)])
    assert lines[NAMES.index("discounts")].split()[1] == "none"
    assert lines[-1] == learners.NOTE


def test_as_json_one_object_a_line(run: Run) -> None:
    found = [json.loads(line) for line in run("learners", "--json").stdout.splitlines()]
    assert [one["name"] for one in found] == NAMES
    for one, listed in zip(found, LEARNERS, strict=True):
        assert (one["river"], one["kept"]) == (list(listed.river), listed.kept)
        assert one["learner"].rpartition(".")[2] == type(listed.load([])).__name__
        assert (one["bytes"] > 0) == bool(listed.kept)
        assert 0 < one["microseconds"] < 100_000


def test_sizes_are_those_in_profiles() -> None:
    """Beside what a profile's own structs take for the same observations."""
    sizes = {listed.name: learners.measured(listed).bytes for listed in LEARNERS}
    gaps, values, day = Gaps(), OrderValues(), 1_000
    gaps.learn_one(day * 86_400_000, FADING)
    for gap in GAPS:
        day += gap
        gaps.learn_one(round(day * 86_400_000), FADING)
    for at, amount in enumerate((*AMOUNTS, 4_000)):
        values.learn_one(at, amount, FADING)
    assert sizes["log_gap"] == len(msgspec.msgpack.encode(gaps.logs))
    assert sizes["gap"] == len(msgspec.msgpack.encode([gaps.occasions, gaps.mean, gaps.square]))
    assert sizes["order_size"] == len(msgspec.msgpack.encode(values.before))
    assert sizes["log_order"] == len(msgspec.msgpack.encode(values.logs))
    hours = BetaCounts(6, 24)
    for hour in (1, 2, 3, 2):
        hours.learn_one(hour)
    assert sizes["hours"] == len(msgspec.msgpack.encode([*hours.dump(), 4, 1]))
