"""The engine driven locally: every row once, and the same result however the shop is cut into shards and batches."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from kairos.config.settings import Settings, load
from kairos.errors import ReplayError
from kairos.replay import local, ticks
from kairos.replay.dump import PublishedOutput, dump
from kairos.replay.local import Local, PartitionLog
from kairos.replay.row import Span
from kairos.replay.segment import Segment
from kairos.terminal.times import stamp
from models.kernel.events import CART
from models.kernel.settings import DAY
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from sinks.read_model import summary, watermarks
from streams.records import Chunk
from tests.conftest import Run
from tests.kairos.shops import BAD, OPENED, sold, write

NO_TIME = {"not_json", "bad_timestamp"}


def replayed(file: str, target: Path, shards: int, settings: Settings) -> tuple[Local, MemoryStore]:
    store, outputs = MemoryStore(), MemoryOutputs()
    engine = Local(settings, shards, store, outputs)
    engine.run(ticks.spans(Segment([file], settings.shop), until=OPENED + 9 * DAY))
    said = (PublishedOutput(message.topic, message.key, message.value) for _, message in outputs.messages)
    dump(str(target), store, settings.shop, said)
    return engine, store


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(tmp_path_factory.mktemp("shop"), hours=30)


def test_the_result_does_not_depend_on_batches(file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replayed(file, tmp_path / "large", 3, load({}))
    monkeypatch.setattr(local, "ENOUGH", 50)
    small = {"KAIROS_BATCH_RECORDS": "7", "KAIROS_BUFFER_RECORDS": "20", "KAIROS_CACHE_PROFILES": "0"}
    replayed(file, tmp_path / "small", 3, load(small))
    assert (tmp_path / "small").read_bytes() == (tmp_path / "large").read_bytes()


def test_records_in_another_partition_are_folded_where_they_belong(file: str, tmp_path: Path) -> None:
    """All of them go to partition 0 here: the others see nothing but ticks, and what is forwarded."""
    settings, store, outputs = load({"KAIROS_TABLE_EVERY": "0d"}), MemoryStore(), MemoryOutputs()
    engine = Local(settings, 3, store, outputs)
    engine.route.partition = lambda key: 0  # type: ignore[method-assign]
    engine.run(ticks.spans(Segment([file], settings.shop), until=OPENED + 9 * DAY))
    _, keyed = replayed(file, tmp_path / "dump", 3, settings)
    found, expected = summary(store), summary(keyed)
    assert found.counts["forwarded"] == found.counts["forward_taken"] > 100
    assert all(message.partition is None for _, message in outputs.messages)
    for name in ("events", "applied", "duplicates", "orders", "shoppers"):
        assert found.counts[name] == expected.counts[name], name
    assert (found.revenue, found.dead_letters) == (expected.revenue, expected.dead_letters)
    for partition in range(3):
        assert {user for user, _ in store.profiles(partition)} == {user for user, _ in keyed.profiles(partition)}


def test_the_result_does_not_depend_on_shards(file: str, tmp_path: Path) -> None:
    """But for one thing: a dead letter without a time of its own carries the event time of its shard."""
    dumps = []
    for shards in (1, 8):
        replayed(file, tmp_path / "dump", shards, load({}))
        lines = [json.loads(line) for line in (tmp_path / "dump").read_bytes().splitlines()]
        timeless = [line["message"] for line in lines if line.get("message", {}).get("code") in NO_TIME]
        assert len(timeless) == 3
        for message in timeless:
            del message["as_of"]
        dumps.append(lines)
    assert dumps[0] == dumps[1]


def test_every_row_is_counted_once(file: str, tmp_path: Path) -> None:
    engine, store = replayed(file, tmp_path / "dump", 4, load({}))
    counts = summary(store).counts
    assert counts["events"] == engine.events == len(sold(30)) + len(BAD)
    assert counts["events"] == counts["applied"] + counts["duplicates"] + counts["dead_letters"]
    assert counts["ticks"] == engine.ticks
    lines = [json.loads(line) for line in (tmp_path / "dump").read_bytes().splitlines()]
    assert sum("profile" in line for line in lines) == counts["shoppers"] == sum(map(len, profiles(store)))
    letters = [line["message"] for line in lines if line.get("topic") == "dead-letters"]
    assert len(letters) == counts["dead_letters"] > len(BAD)
    assert all("offset" not in letter and "partition" not in letter for letter in letters)


def profiles(store: MemoryStore) -> list[list[tuple[str, bytes]]]:
    return [list(store.profiles(partition)) for partition in range(store.partitions())]


def test_a_store_that_has_seen_the_beginning_goes_on_after_it(file: str, tmp_path: Path) -> None:
    store = MemoryStore()
    settings = load({})
    for _ in range(2):
        Local(settings, 4, store, MemoryOutputs()).run(ticks.spans(Segment([file], settings.shop)))
    assert summary(store).counts["events"] == len(sold(30)) + len(BAD)


def test_one_topic_for_all_roles(file: str, tmp_path: Path) -> None:
    one = load({f"KAIROS_TOPICS_{role}": "events" for role in ("CLICKSTREAM", "CART", "ORDERS")})
    _, store = replayed(file, tmp_path / "dump", 4, one)
    assert summary(store).counts["events"] == len(sold(30)) + len(BAD)


def test_what_no_shard_takes_is_named() -> None:
    engine = Local(load({}), 1, MemoryStore(), MemoryOutputs())
    value = json.dumps({"type": "track", "event": "Product Added", "userId": "u", "timestamp": stamp(OPENED)}).encode()
    with pytest.raises(ReplayError, match=r"left are cart\[0\] 2; waiting for clickstream\[0\], orders\[0\]"):
        engine.run([Span([(OPENED, CART, b"u", value)] * 2)])  # no tick says that nothing earlier follows elsewhere


def test_a_loss_is_told_and_is_no_success(run: Run, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    take = PartitionLog.take

    def careless(log: PartitionLog) -> Chunk:
        chunk = take(log)
        kept = [record for record in chunk.records if b"Product Added" not in (record.value or b"")]
        return chunk._replace(records=kept)

    monkeypatch.setattr(PartitionLog, "take", careless)
    result = run("replay", "--local", "--json", file)
    folded, lines = json.loads(result.stdout)["events"], Path(file).read_bytes().splitlines()
    lost = sum(b"Product Added" in line for line in lines)
    assert (result.exit_code, folded) == (1, len(lines) - lost)
    assert f"kairos: not accounted for: {lost:,} of {len(lines):,} events (applied " in result.stderr


@pytest.mark.parametrize("ahead", [0, 400 * DAY])
def test_time_reaches_the_last_tick_even_if_it_is_ahead_of_the_clock(tmp_path: Path, ahead: int) -> None:
    now = time.time_ns() // 1_000_000
    file = tmp_path / "now.jsonl"
    file.write_text(json.dumps({"type": "page", "userId": "u1", "timestamp": stamp(now)}))
    store, settings = MemoryStore(), load({})
    final = ticks.after(now) + ahead
    Local(settings, 2, store, MemoryOutputs()).run(ticks.spans(Segment([str(file)], settings.shop), until=final))
    assert watermarks(store, 2) == [final, final]
    assert summary(store).counts["clamped"] == 0
