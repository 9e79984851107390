"""`kairos audience`: lists and their differences as files, and on a real broker."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import Result

from kairos.commands import audience
from kairos.commands.audience import AudienceOptions
from kairos.config.settings import load
from kairos.errors import CommandError
from kairos.replay.local import Local
from kairos.replay.row import Span
from kairos.terminal.times import iso
from models.kernel.events import ORDER
from models.kernel.settings import DAY
from sinks.audience import Left, nobody
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from sinks.read_model import profiles
from tests.conftest import Run
from tests.kairos.commands.test_kafka_commands import settings, worker  # noqa: F401
from tests.kairos.replay.test_churn_model import call
from tests.kairos.shops import sold
from tests.models.churn.shops import BEGIN, sales

SHOP = load({}).shop
TAG = "stage:cooling"
Held = dict[str, int]


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    """Buyers of four months, in two shards."""
    found = MemoryStore()
    rows = [(s.at, ORDER, s.user.encode(), call(s)) for s in sales(2) if s.at < BEGIN + 120 * DAY]
    Local(load({"KAIROS_TABLE_EVERY": "0"}), 2, found, MemoryOutputs()).run([Span(list(rows), BEGIN + 120 * DAY)])
    return found


@pytest.fixture(scope="module")
def held(store: MemoryStore) -> Held:
    """Who holds the tag since when, by the profiles as people see them."""
    found = profiles(store, SHOP)
    return {user: profile["stage_since"] for user, profile in found if f"stage:{profile['stage']}" == TAG}


def written(store: MemoryStore, options: AudienceOptions, left: Left = nobody) -> str:
    """What is said of it on the console."""
    said = Console(file=io.StringIO())
    audience.run(store, SHOP, options, said, left)
    return said.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_all_who_hold_it_as_csv(store: MemoryStore, held: Held, capsys: pytest.CaptureFixture[str]) -> None:
    told = written(store, AudienceOptions(TAG))
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(held) > 10
    assert {row["user_id"]: row["since"] for row in rows} == {user: iso(since) for user, since in held.items()}
    assert {(row["action"], row["as_of"]) for row in rows} == {("add", iso(BEGIN + 120 * DAY))}
    assert told.startswith(
        f"{TAG}: {len(held)} to add; as of {iso(BEGIN + 120 * DAY)}: the next difference is --since "
    )


def test_a_difference_as_json_into_a_file(store: MemoryStore, held: Held, tmp_path: Path) -> None:
    since = sorted(held.values())[len(held) // 2]
    user = next(user for user in held if held[user] < since)
    gone = {0: {"gone": since + 5, user: since + 1}, 1: {}}

    def left(shard: int) -> Mapping[str, int]:
        return gone[shard]

    file = tmp_path / "list.jsonl"
    told = written(store, AudienceOptions(TAG, since, str(file), as_json=True, sha256=True), left)
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    wanted = {user: at for user, at in held.items() if at >= since}
    assert {row["user_id"]: row["since"] for row in rows if row["action"] == "add"} == wanted
    [removed] = [row for row in rows if row["action"] == "remove"]  # the other holds it, whatever was said before
    assert removed == {
        "user_id": "gone",
        "action": "remove",
        "since": since + 5,
        "as_of": BEGIN + 120 * DAY,
        "user_id_sha256": sha256(b"gone").hexdigest(),
    }
    assert f"{len(wanted)} to add, 1 to remove" in told


def test_a_file_is_there_whole_or_not_at_all(store: MemoryStore, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("before")

    def left(shard: int) -> Mapping[str, int]:
        if shard:
            raise CommandError("Kafka is gone")
        return {}

    with pytest.raises(CommandError, match="Kafka is gone"):
        written(store, AudienceOptions(TAG, 1, str(file)), left)
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]
    assert file.read_text() == "before"
    with pytest.raises(CommandError, match=r"nowhere/list\.csv: No such file"):
        written(store, AudienceOptions(TAG, None, str(tmp_path / "nowhere" / "list.csv")))


def test_what_cannot_be(store: MemoryStore, run: Run, redis_url: str) -> None:
    with pytest.raises(CommandError, match=r"there is no tag 'stage:coolin'; tags that are held: stage:cooling"):
        written(store, AudienceOptions("stage:coolin"))
    with pytest.raises(CommandError, match="nothing is known of any shopper yet"):
        written(MemoryStore(), AudienceOptions(TAG))
    assert written(store, AudienceOptions("bot")).startswith("bot: 0 to add")  # a list may be empty
    refused = run("audience", TAG, "--since", "2026-04-01", REDIS_URL=redis_url)
    assert (refused.exit_code, refused.stderr[:18]) == (2, "kairos: KAFKA_URL:")


def rows(result: Result) -> Iterator[dict[str, str]]:
    assert result.exit_code == 0, result.stderr
    yield from map(json.loads, result.stdout.splitlines())


def test_differences_from_kafka(run: Run, settings: dict[str, str], redis_url: str, tmp_path: Path) -> None:  # noqa: F811
    """The first list and the difference are the last list; shoppers leave the stage, and are forgotten."""
    settings["REDIS_URL"] = redis_url
    run("topics", "create", "--partitions", "3", **settings)
    (tmp_path / "one.jsonl").write_bytes(b"\n".join(sold(12)))
    later = [
        {"type": "page", "userId": user, "timestamp": f"2024-03-{day}T10:00:00Z"}
        for user, day in [("late-1", 16), ("late-1", 20), ("late-2", 17)]
    ]
    (tmp_path / "two.jsonl").write_text("\n".join(json.dumps(call) for call in later))
    people: set[str] = set()
    asked: tuple[str, ...] = ()
    with worker(settings):
        for file, until in (("one.jsonl", "2024-03-06T00:00Z"), ("two.jsonl", "2024-03-22T00:00Z")):
            done = run("replay", "--wait", "--until", until, file, **settings)
            assert done.exit_code == 0, done.stderr
            told = run("audience", "stage:new", "--json", *asked, **settings)
            changes = list(rows(told))
            asked = ("--since", re.findall(r"--since (\S+)", told.stderr)[0])
            people |= {row["user_id"] for row in changes if row["action"] == "add"}
            people -= {row["user_id"] for row in changes if row["action"] == "remove"}
    assert {"add", "remove"} == {row["action"] for row in changes}
    assert people == {row["user_id"] for row in rows(run("audience", "stage:new", "--json", **settings))}


def test_what_kafka_may_have_deleted_is_not_made_up(run: Run, settings: dict[str, str], redis_url: str) -> None:  # noqa: F811
    settings["REDIS_URL"] = redis_url
    run("topics", "create", "--partitions", "3", "--compact", **settings)
    with worker(settings) as process:
        assert process.stderr is not None
        while "ready" not in (line := process.stderr.readline()) and "claimed" not in line:
            assert line
    refused = run("audience", TAG, "--since", "2024-04-01", **settings)
    assert refused.exit_code == 1
    assert "may no longer have all that was said since 2024-04-01T00:00Z" in refused.stderr
    assert run("audience", TAG, **settings).exit_code == 0
