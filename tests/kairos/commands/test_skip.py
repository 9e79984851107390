"""`kairos skip` on a real broker whose disk has damaged a batch, while a worker runs and after it has ended."""

from __future__ import annotations

import json
import struct
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka.partitioner.default import murmur2

from kairos import wiring
from kairos.commands import skip
from kairos.config.settings import Settings, load
from kairos.errors import CommandError
from kairos.kafka.batches import Batch, batches
from ops.kafka.local import LocalKafka, free_port
from sinks.redis_store import RedisStore
from sinks.store import Commit
from streams.fold import PRODUCTION
from tests.conftest import Run
from tests.integration.damage import damage, produced
from tests.integration.fleet import Fleet, own_state, own_topics

PARTITIONS = 2
USER = "u1"
PLACE = (murmur2(USER.encode()) & 0x7FFFFFFF) % PARTITIONS


@pytest.fixture
def variables(own_kafka: LocalKafka, redis_url: str, run: Run) -> dict[str, str]:
    """A shop of its own, with topics."""
    found = own_topics() | own_state() | {"KAFKA_URL": own_kafka.bootstrap, "REDIS_URL": redis_url}
    found |= {"KAIROS_CLOCK": "wall", "KAIROS_METRICS_PORT": str(free_port())}
    assert run("topics", "create", "--partitions", str(PARTITIONS), **found).exit_code == 0
    return found


@pytest.fixture
def fleet(variables: dict[str, str], tmp_path: Path) -> Iterator[Fleet]:
    with Fleet(variables, PARTITIONS, tmp_path / "logs") as fleet:
        yield fleet


def order(number: int) -> bytes:
    top = {"messageId": f"m{number}", "type": "track", "event": "Order Completed", "userId": USER}
    properties = {"order_id": f"order-{number}", "revenue": 10 + number}
    return json.dumps(top | {"timestamp": "2026-01-05T10:00:00Z", "properties": properties}).encode()


def gross(run: Run, variables: dict[str, str]) -> int:
    """What the shopper's orders are worth."""
    found = run("profile", "--json", USER, **variables)
    return json.loads(found.stdout)["buyer"]["gross"] if found.exit_code == 0 else 0


def ready(variables: dict[str, str]) -> list[str]:
    """The problems that `/ready` tells."""
    try:
        url = f"http://127.0.0.1:{variables['KAIROS_METRICS_PORT']}/ready"
        with urllib.request.urlopen(url) as answer:
            return list(json.load(answer)["problems"])
    except urllib.error.HTTPError as error:
        with error:
            return list(json.load(error)["problems"])


def test_a_running_worker_is_led_past_a_damaged_batch(
    own_kafka: LocalKafka, run: Run, variables: dict[str, str], fleet: Fleet
) -> None:
    topic = variables["KAIROS_TOPICS_ORDERS"]
    produced(own_kafka.bootstrap, topic, PLACE, [order(number) for number in range(5)])
    damage(own_kafka.data, topic, PLACE, b"order-2")
    where = f"{topic}[{PLACE}]"

    early = run("skip", topic, str(PLACE), "--yes", **variables)
    assert early.exit_code == 1
    assert "a batch at offset 2 cannot be decoded, but offsets 0 to 1 are not folded yet" in early.stderr

    worker = fleet.start()
    fleet.until(lambda: f"{where} waits at offset 2" in worker.said)
    fleet.until(lambda: gross(run, variables) == 2100)
    assert any(problem.startswith(f"{where} waits at offset 2: its batch is damaged") for problem in ready(variables))
    found = run("doctor", "--json", **variables)
    checks = {check["name"]: check for check in json.loads(found.stdout)["checks"]}
    assert checks["records"]["status"] == "problem"
    assert "`kairos skip` leads past it" in checks["records"]["said"]

    unasked = run("skip", topic, str(PLACE), **variables)
    assert (unasked.exit_code, "add --yes" in unasked.stderr) == (2, True)
    other = run("skip", topic, str(1 - PLACE), "--yes", **variables)
    assert (other.exit_code, "there is nothing to skip" in other.stderr) == (1, True)

    done = run("skip", topic, str(PLACE), "--yes", **variables)
    assert done.exit_code == 0, done.stderr
    assert "the batch at offset 2 cannot be decoded (its checksum is wrong)" in done.stderr
    assert "loses what offsets 2 to 2 held" in done.stderr
    assert done.stdout.startswith(f"{where} goes on at offset 3;")
    fleet.until(lambda: gross(run, variables) == 2100 + 1300 + 1400)
    fleet.until(lambda: not ready(variables))
    reader = wiring.reader(load(variables))
    assert (reader.offsets(PLACE)[topic], reader.stats(PLACE)["records_skipped"]) == (5, "1")
    fleet.stop()

    back = run("skip", topic, str(PLACE), "--to", "2", "--yes", **variables)
    assert (back.exit_code, "is at offset 5, and its log ends at 5" in back.stderr) == (2, True)
    produced(own_kafka.bootstrap, topic, PLACE, [order(number) for number in range(5, 8)])
    assert run("skip", topic, str(PLACE), "--to", "7", "--yes", **variables).exit_code == 0
    assert wiring.reader(load(variables)).offsets(PLACE)[topic] == 7
    fleet.start()
    fleet.until(lambda: gross(run, variables) == 2100 + 1300 + 1400 + 1700)
    fleet.stop()


@pytest.mark.parametrize(
    ("topic", "partition", "said"),
    [("nothing", "0", "nothing is no input"), ("", "9", "no partition 9 of ")],
)
def test_what_is_not_there_cannot_be_skipped(
    run: Run, variables: dict[str, str], topic: str, partition: str, said: str
) -> None:
    found = run("skip", topic or variables["KAIROS_TOPICS_CART"], partition, "--yes", **variables)
    assert found.exit_code in (1, 2)
    assert said in found.stderr


def stored(namespace: str, redis_url: str) -> tuple[RedisStore, Settings]:
    """A shard that has committed one batch, whose outbox may not be published yet."""
    settings = load({"REDIS_URL": redis_url, "KAIROS_NAMESPACE": namespace})
    store = wiring.store(settings)
    store.claim(0, "worker", schema=PRODUCTION.schema, partitions=1)
    offsets, profiles = {"orders": 17, "cart": 9}, {"u": b"profile"}
    commit = Commit(offsets, b"state", profiles, {}, {"u": 99}, {"events": 26}, {}, (), b"outbox")
    assert store.apply(0, "worker", 1, commit).status == "OK"
    return store, settings


def test_nothing_but_the_offset_and_the_count_changes(redis_url: str) -> None:
    """What may not be published yet stays to be published; who had the shard is fenced."""
    store, settings = stored(f"skip-{uuid.uuid4().hex[:8]}", redis_url)
    skip._commit(settings, skip.Skip("orders", 0, 17, 22, "damaged"), 1)
    assert not store.owned(0, "worker")
    late = Commit({"orders": 18}, b"late", {}, {}, {}, {}, {}, (), b"")
    assert store.apply(0, "worker", 2, late).status == "FENCED"
    claim = store.claim(0, "again", schema=PRODUCTION.schema, partitions=1)
    assert claim.offsets == {"orders": 22, "cart": 9}
    assert (claim.seq, claim.shard, claim.outbox, claim.next_due) == (2, b"state", b"outbox", 99)
    assert claim.stats == {"events": b"26", "records_skipped": b"5"}
    assert store.load(0, ["u"]) == [b"profile"]


def test_a_shard_that_has_moved_on_is_left_where_it_is(redis_url: str) -> None:
    store, settings = stored(f"skip-{uuid.uuid4().hex[:8]}", redis_url)
    with pytest.raises(CommandError, match="has moved on to offset 17 meanwhile"):
        skip._commit(settings, skip.Skip("orders", 0, 12, 15, "damaged"), 1)
    assert store.claim(0, "again", schema=PRODUCTION.schema, partitions=1).offsets["orders"] == 17


def batch(first: int, last: int, magic: int = 2) -> bytes:
    """A batch of nothing that can be decoded, with a header as the broker keeps it."""
    body = struct.pack(">ibIhi", 0, magic, 7, 0, last - first) + bytes(60)
    return struct.pack(">qi", first, len(body)) + body


def test_how_far_a_batch_goes_is_read_from_its_header() -> None:
    (found,) = batches(batch(10, 14) + batch(15, 15), 10, 100)  # it looks no further than the first
    assert found == Batch(10, 15, "its checksum is wrong")
    assert next(batches(batch(10, 14), 12, 100))[:2] == (10, 15)
    assert next(batches(batch(10, 10**6), 10, 100))[:2] == (10, 100)  # a damaged header goes beyond the log,
    assert next(batches(batch(10, 3), 10, 100))[:2] == (10, 11)  # or back
    assert next(batches(batch(10, 14, magic=1), 10, 100))[:2] == (10, 11)  # before Kafka 0.11: one record
    assert list(batches(batch(10, 14)[:-1], 10, 100)) == []
