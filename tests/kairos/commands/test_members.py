"""`kairos members`: who holds a tag, against what every profile says of itself."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter

import pytest
from rich.console import Console

from kairos.commands import members
from kairos.config.settings import load
from kairos.errors import CommandError
from kairos.replay.local import Local
from kairos.replay.row import Span
from models.kernel.events import ORDER
from models.kernel.settings import DAY
from sinks.members import known
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from sinks.read_model import profiles
from tests.kairos.replay.test_churn_model import call
from tests.models.churn.shops import BEGIN, sales

DAYS = 120
SHOP = load({}).shop
Everybody = dict[str, dict[str, tuple[int, int]]]


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    """Buyers of four months, in two shards."""
    found = MemoryStore()
    rows = [(s.at, ORDER, s.user.encode(), call(s)) for s in sales(2) if s.at < BEGIN + DAYS * DAY]
    Local(load({}), 2, found, MemoryOutputs()).run([Span(list(rows), BEGIN + DAYS * DAY)])
    return found


@pytest.fixture(scope="module")
def everybody(store: MemoryStore) -> Everybody:
    """Of every tag who holds it, by the profiles as people see them: since when, and net spending."""
    found: Everybody = {}
    for user, profile in profiles(store, SHOP):
        buyer = profile["buyer"]
        held = dict(profile["tags"]) | {f"stage:{profile['stage']}": profile["stage_since"]}
        held |= {f"segment:{buyer['segment']}": buyer["segment_since"]} if buyer["segment"] else {}
        for tag, since in held.items():
            found.setdefault(tag, {})[user] = since, buyer["net"]
    return found


def listed(store: MemoryStore, tag: str, capsys: pytest.CaptureFixture[str], limit: int | None = None) -> list[str]:
    members.run(store, Console(file=io.StringIO()), tag, SHOP, limit=limit, form="json")
    return capsys.readouterr().out.splitlines()


def test_of_every_tag_all_who_hold_it_newest_first(
    store: MemoryStore, everybody: Everybody, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(everybody) > 12
    for tag, holders in everybody.items():
        rows = [json.loads(line) for line in listed(store, tag, capsys)]
        assert {row["user_id"]: (row["since"], row["value"]) for row in rows} == holders
        assert [-row["since"] for row in rows] == sorted(-row["since"] for row in rows)


def test_counters_say_how_many(store: MemoryStore, everybody: Everybody) -> None:
    assert known(store) == Counter({tag: len(holders) for tag, holders in everybody.items()})


def test_a_limit_takes_the_newest(store: MemoryStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert listed(store, "stage:active", capsys, limit=3) == listed(store, "stage:active", capsys)[:3]


def test_csv_has_money_in_units_and_a_line_of_names(
    store: MemoryStore, everybody: Everybody, capsys: pytest.CaptureFixture[str]
) -> None:
    members.run(store, Console(file=io.StringIO()), "segment:champions", SHOP, form="csv")
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    values = {user: f"{value / 100:.2f}" for user, (_, value) in everybody["segment:champions"].items()}
    assert {row["user_id"]: row["value"] for row in rows} == values
    assert {row["currency"] for row in rows} == {"USD"}


def test_a_tag_that_nobody_holds_is_told_with_those_spelled_alike(store: MemoryStore) -> None:
    with pytest.raises(CommandError, match=r"nobody holds 'segment:champion'; tags that are held: segment:champions"):
        members.run(store, Console(file=io.StringIO()), "segment:champion", SHOP)
    with pytest.raises(CommandError, match=r"nobody holds 'stage'; tags that are held: stage:"):
        members.run(store, Console(file=io.StringIO()), "stage", SHOP)
