"""The commands on a real broker: topics, replay, and a worker between them whose result is that of `--local`."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.partitioner.default import murmur2

from kairos.replay.kafka import KafkaTarget, Lane
from tests.conftest import Run
from tests.kairos.shops import sold, write
from tests.topics import OUTPUT_TOPICS

PROGRAM = [sys.executable, "-c", "from kairos.commands.cli import main; main()"]


@pytest.fixture
def settings(kafka: str) -> dict[str, str]:
    """Names that nobody else uses on this broker."""
    tag = uuid.uuid4().hex[:8]
    names = {f"KAIROS_TOPICS_{role}": f"{role.lower()}-{tag}" for role in ("CLICKSTREAM", "CART", "ORDERS")}
    names |= {f"KAIROS_TOPIC_{role.upper().replace('-', '_')}": f"{role}-{tag}" for role in OUTPUT_TOPICS}
    return names | {"KAFKA_URL": f"kafka://{kafka}", "KAIROS_NAMESPACE": f"ns-{tag}"}


def test_topics(run: Run, settings: dict[str, str]) -> None:
    missing = run("topics", "describe", **settings)
    assert missing.exit_code == 1
    assert "kairos topics create" in missing.stderr
    made = run("topics", "create", "--partitions", "3", "--retention", "36h", "--compact", **settings)
    assert made.exit_code == 0, made.stderr
    assert made.stdout.count("created") == 7
    again = run("topics", "create", "--partitions", "3", **settings)
    assert (again.exit_code, again.stdout.count("exists, 3 partitions")) == (0, 7)
    other = run("topics", "create", "--partitions", "4", **settings)
    assert other.exit_code == 1
    assert "not 4 partitions" in other.stderr

    described = run("topics", "describe", "--json", **settings)
    assert described.exit_code == 0
    topics = {topic["role"]: topic for topic in json.loads(described.stdout)}
    assert {topic["partitions"] for topic in topics.values()} == {3}
    assert topics["input: cart"]["configs"] == {
        "cleanup.policy": "delete",
        "retention.ms": str(36 * 3_600_000),
        "message.timestamp.type": "CreateTime",
    }
    assert topics["output: user-tags"]["configs"]["cleanup.policy"] == "compact"
    assert topics["output: dead-letters"]["configs"]["cleanup.policy"] == "delete"


def test_a_worker_does_not_start_without_its_topics(run: Run, settings: dict[str, str], redis_url: str) -> None:
    refused = run("worker", REDIS_URL=redis_url, **settings)
    assert refused.exit_code == 1
    assert refused.stderr.startswith("kairos: missing: ")


def records(settings: dict[str, str], role: str, partitions: int) -> Iterator[list[tuple[bytes | None, bytes]]]:
    """Each partition of an input, from its beginning to its end."""
    topic = settings[f"KAIROS_TOPICS_{role}"]
    consumer = KafkaConsumer(bootstrap_servers=settings["KAFKA_URL"].removeprefix("kafka://"), group_id=None)
    try:
        for partition in (TopicPartition(topic, number) for number in range(partitions)):
            consumer.assign([partition])
            consumer.seek_to_beginning(partition)
            end = consumer.end_offsets([partition])[partition]
            found: list[tuple[bytes | None, bytes]] = []
            while len(found) < end:
                found += [(r.key, r.value) for r in consumer.poll(500).get(partition, [])]
            yield found
    finally:
        consumer.close()


def test_replay_writes_every_row_where_it_belongs_in_order_and_the_same_ticks_everywhere(
    run: Run, settings: dict[str, str], tmp_path: Path
) -> None:
    run("topics", "create", "--partitions", "3", **settings)
    file = write(tmp_path, hours=6)
    result = run("replay", "--json", file, **settings)
    lines = Path(file).read_bytes().splitlines()
    found = json.loads(result.stdout)
    assert list(found) == ["events", "ticks", "seconds"]
    assert (found["events"], found["ticks"]) == (len(lines), 6 * 3 * 3)
    assert "history: run `kairos worker --clock event`" in result.stderr

    written = defaultdict(list)
    for role in ("CLICKSTREAM", "CART", "ORDERS"):
        for partition, log in enumerate(records(settings, role, 3)):
            assert all(key is None or (murmur2(key) & 0x7FFFFFFF) % 3 == partition for key, _ in log)
            ticks = [value for _, value in log if b"kairos.tick" in value]
            assert [json.loads(tick)["timestamp"][11:13] for tick in ticks] == ["10", "11", "12", "13", "14", "15"]
            written[role] += [value for _, value in log if b"kairos.tick" not in value]
            places = [lines.index(value) for _, value in log if value in lines]
            assert places == sorted(places)
    assert sorted(value for values in written.values() for value in values) == sorted(lines)
    assert all(b"Order" in value for value in written["ORDERS"])


def test_inputs_are_followed_as_events(run: Run, settings: dict[str, str], tmp_path: Path) -> None:
    """Each event of a file is shown once, by its own name and shopper. The role has all three topics."""
    settings["KAIROS_TOPICS_CLICKSTREAM"] += f",{settings['KAIROS_TOPICS_CART']},{settings['KAIROS_TOPICS_ORDERS']}"
    run("topics", "create", "--partitions", "2", **settings)
    lines = sold(2)
    (tmp_path / "few.jsonl").write_bytes(b"\n".join([*lines, b"{broken"]))
    assert run("replay", "few.jsonl", **settings).exit_code == 0
    shown, ticks = tailed("clickstream", len(lines) + 1, settings)
    calls = [json.loads(line) for line in lines]
    wanted = [(call.get("event", "page"), call.get("userId", call["anonymousId"])) for call in calls]
    found = [(line[22:56].strip(), line[57:].split()[0]) for line in shown]
    refused = [one for one in found if one[0].startswith("refused")]
    assert ("refused not_json", "-") in refused
    assert Counter(found) - Counter(refused) <= Counter(wanted)
    assert len(refused) < 10
    assert ticks
    assert any(re.search(r"Order Completed +\S+ +order \S+, USD [\d,]+\.\d\d", line) for line in shown)


def tailed(topic: str, events: int, settings: dict[str, str]) -> tuple[list[str], list[str]]:
    """What `kairos tail --from-start` shows until so many events have come: these, and the ticks."""
    program = [*PROGRAM, "tail", topic, "--from-start"]
    shown: list[str] = []
    ticks: list[str] = []
    with subprocess.Popen(program, env=settings, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while len(shown) < events:
            line = process.stdout.readline()
            (ticks if line[22:].startswith("tick ") else shown).append(line.rstrip("\n"))
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
    return shown, ticks


@contextmanager
def worker(settings: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*PROGRAM, "worker", "--clock", "event"], env=settings, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_worker_comes_to_what_local_comes_to(
    run: Run, settings: dict[str, str], redis_url: str, tmp_path: Path
) -> None:
    settings["REDIS_URL"] = redis_url
    run("topics", "create", "--partitions", "3", **settings)
    file = write(tmp_path, hours=30)
    until = ("--until", "2024-03-14T00:00Z")
    with worker(settings) as process:
        done = run("replay", "--wait", "--json", "--dump", "kafka.jsonl", *until, file, **settings)
        assert done.exit_code == 0, done.stderr
        here = run("replay", "--local", "--shards", "3", "--json", "--dump", "local.jsonl", *until, file, **settings)
        assert (tmp_path / "kafka.jsonl").read_bytes() == (tmp_path / "local.jsonl").read_bytes()
        reports = [json.loads(result.stdout) for result in (done, here)]
        for report in reports:
            del report["seconds"]
        assert reports[0] == reports[1]

        shopper = json.loads(sold(1)[0])["userId"]
        known = run("profile", "--json", shopper, **settings)
        assert json.loads(known.stdout)["user"] == shopper
        tail = [*PROGRAM, "tail", "cart-abandonments", "--from-start"]
        with subprocess.Popen(tail, env=settings, stdout=subprocess.PIPE, text=True) as other:
            assert other.stdout is not None
            assert "triggered" in other.stdout.readline()
            other.send_signal(signal.SIGINT)
            assert other.wait(timeout=20) == 130
        process.terminate()
        assert process.wait(timeout=30) == 0


def test_what_is_far_ahead_is_clamped_as_local_clamps_it(
    run: Run, settings: dict[str, str], redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings["REDIS_URL"] = redis_url
    run("topics", "create", "--partitions", "3", **settings)
    file = Path(write(tmp_path, hours=6))
    lines = file.read_bytes().splitlines()
    for number, place in enumerate((0, 0, len(lines) // 2)):
        said = "2099-01-01T00:00:00Z" if number == 1 else f"2024-0{6 + number}-01T00:00:00Z"
        ahead = {"type": "page", "userId": f"ahead-{number}", "timestamp": said}
        lines.insert(place, json.dumps(ahead).encode())
    file.write_bytes(b"\n".join(lines))
    sent: list[tuple[int, int]] = []
    send = KafkaTarget._send

    async def noted(target: KafkaTarget, lane: Lane) -> None:
        sent.append((target._dated.get(lane, 0), target._open[lane].record_count()))
        await send(target, lane)

    monkeypatch.setattr(KafkaTarget, "_send", noted)
    monkeypatch.setattr("kairos.replay.kafka.LINGER", -1)
    with worker(settings):
        done = run("replay", "--wait", "--json", "--dump", "kafka.jsonl", str(file), **settings)
    assert sum(dated for dated, _ in sent) == 3
    assert all(dated < count for dated, count in sent)  # a broker drops by age what is old as a whole
    assert done.exit_code == 0, done.stderr
    run("replay", "--local", "--shards", "3", "--dump", "local.jsonl", str(file), **settings)
    assert (tmp_path / "kafka.jsonl").read_bytes() == (tmp_path / "local.jsonl").read_bytes()
    found = json.loads(done.stdout)
    assert (found["events"], found["clamped"], found["late"]) == (len(lines), 3, 0)


def test_wait_counts_what_it_sent_and_waits_for_no_less(
    run: Run, settings: dict[str, str], redis_url: str, tmp_path: Path
) -> None:
    settings["REDIS_URL"] = redis_url
    run("topics", "create", "--partitions", "3", **settings)
    file = write(tmp_path, hours=6)
    sent = len(Path(file).read_bytes().splitlines())
    with worker(settings):
        first, again = (run("replay", "--wait", "--json", file, **settings) for _ in range(2))
    for found in (json.loads(result.stdout) for result in (first, again)):
        assert found["events"] == sent == found["applied"] + found["duplicates"] + sum(found["dead_letters"].values())
    assert [json.loads(result.stdout)["ticks"] for result in (first, again)] == [6 * 3 * 3, 7 * 3 * 3]
    assert json.loads(again.stdout)["duplicates"] > json.loads(first.stdout)["duplicates"]
    assert "other events" not in first.stderr + again.stderr

    run("replay", file, **settings)
    waiting = [*PROGRAM, "replay", "--wait", "--json", file]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(waiting, env=settings, **pipes) as process:  # type: ignore[call-overload]
        with pytest.raises(subprocess.TimeoutExpired):  # nobody folds what it sent, whatever was folded before
            process.communicate(timeout=5)
        with worker(settings):
            out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert json.loads(out)["events"] == 2 * sent
    assert f"other events were folded meanwhile, and are in the counts: {sent:,}" in err


def test_a_broker_that_stamps_records_itself_is_told_of(run: Run, settings: dict[str, str], tmp_path: Path) -> None:
    run("topics", "create", "--partitions", "3", **settings)
    topics = [settings[f"KAIROS_TOPICS_{role}"] for role in ("CLICKSTREAM", "CART", "ORDERS")]
    stamped = {"message.timestamp.type": "LogAppendTime"}
    admin = KafkaAdminClient(bootstrap_servers=settings["KAFKA_URL"].removeprefix("kafka://"))
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=stamped) for topic in topics])
    admin.close()
    file = Path(write(tmp_path, hours=3))
    assert run("replay", str(file), **settings).exit_code == 0
    file.write_bytes(b'{"type":"page","userId":"u","timestamp":"2025-01-01T00:00:00Z"}\n' + file.read_bytes())
    refused = run("replay", str(file), **settings)
    assert refused.exit_code == 1
    assert "message.timestamp.type=LogAppendTime: 1 events" in refused.stderr
