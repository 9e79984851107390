"""What doctor says of topics, records, the group and offsets: each fault provoked once, on a real broker."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
from typing import Any
from urllib.request import urlopen

import pytest
from kafka import KafkaProducer, TopicPartition
from kafka.admin import ConfigResource

from kairos import wiring
from kairos.config.settings import Settings, load
from kairos.doctor import kafka_topics, progress
from kairos.doctor.check import Check
from kairos.doctor.command import checks
from kairos.kafka import topics
from kairos.kafka.topics import Topic
from models.kernel.partition import java_partition
from ops.kafka.local import free_port
from streams.forwarding import HEADER
from tests.conftest import Run
from tests.kairos.commands.test_kafka_commands import worker
from tests.kairos.shops import write
from tests.topics import OUTPUT_TOPICS

PARTITIONS = 3
Look = Callable[..., dict[str, Check]]


@pytest.fixture
def names(kafka: str, redis_url: str) -> dict[str, str]:
    """Settings with names of their own."""
    tag = uuid.uuid4().hex[:8]
    found = {f"KAIROS_TOPICS_{role}": f"{role.lower()}-{tag}" for role in ("CLICKSTREAM", "CART", "ORDERS")}
    found |= {f"KAIROS_TOPIC_{role.upper().replace('-', '_')}": f"{role}-{tag}" for role in OUTPUT_TOPICS}
    return found | {"KAFKA_URL": kafka, "REDIS_URL": redis_url, "KAIROS_NAMESPACE": f"doc-{tag}"}


@pytest.fixture
def look(names: dict[str, str]) -> Look:
    def looked(**more: str) -> dict[str, Check]:
        found = list(checks(load(names | more)))
        assert all(check.advice for check in found if check.status != "ok")
        assert len({check.name for check in found}) == len(found)
        return {check.name: check for check in found if not check.name.startswith("redis")}

    return looked


def faults(found: dict[str, Check]) -> dict[str, str]:
    return {name: check.status for name, check in found.items() if check.status != "ok"}


def create(names: dict[str, str]) -> Settings:
    settings = load(names)
    topics.create(settings, topics.TopicPlan(PARTITIONS, 1), lambda line: None)
    return settings


def put(settings: Settings, values: Sequence[tuple[str, bytes, int]], key: bytes | None = None) -> None:
    """(shopper, value, partition) into the clickstream."""
    producer = KafkaProducer(bootstrap_servers=list(settings.brokers))
    for shopper, value, partition in values:
        producer.send(settings.clickstream[0], key=key or shopper.encode(), value=value, partition=partition)
    producer.flush()
    producer.close()


def pages(where: Callable[[bytes, int], int], at: str = "2024-03-04T10:00:00Z") -> list[tuple[str, bytes, int]]:
    call = '{"type":"page","userId":"%s","timestamp":"%s"}'
    users = [f"u{number}" for number in range(60)]
    return [(user, (call % (user, at)).encode(), where(user.encode(), PARTITIONS)) for user in users]


def test_nothing_made_yet(look: Look) -> None:
    found = look()
    assert faults(found) == {"topics": "problem", "group": "warning"}
    assert "kairos topics create" in found["topics"].said


def test_topics_as_they_should_be(look: Look, names: dict[str, str]) -> None:
    create(names)
    found = look()
    assert faults(found) == {"group": "warning"}
    assert found["topics"].said == "7 topics of 3 partitions each"
    assert found["records"].said == "none yet to look at"
    assert found["shards"].said == "none recorded yet"


@pytest.mark.parametrize(
    ("topic", "partitions", "status"), [("cart", 2, "problem"), ("outputs", 2, "problem"), ("outputs", 4, "warning")]
)
def test_unequal_partitions(look: Look, names: dict[str, str], topic: str, partitions: int, status: str) -> None:
    settings = load(names)
    name = settings.cart[0] if topic == "cart" else settings.outputs["user-tags"]
    with topics.admin(settings) as admin:
        admin.create_topics({name: {"num_partitions": partitions, "replication_factor": 1}})
        for other in topics.roles(settings):
            if other != name:
                admin.create_topics(
                    {other: {"num_partitions": PARTITIONS, "replication_factor": 1}}, wait_for_metadata=True
                )
    found = look()
    assert faults(found)["topics"] == status
    assert name in found["topics"].said


@pytest.mark.parametrize(
    ("config", "value", "name", "status"),
    [
        ("cleanup.policy", "compact", "compaction", "problem"),
        ("retention.ms", "3600000", "retention", "warning"),
        ("message.timestamp.type", "LogAppendTime", "timestamps", "warning"),
    ],
)
def test_inputs_set_wrong(look: Look, names: dict[str, str], config: str, value: str, name: str, status: str) -> None:
    settings = create(names)
    with topics.admin(settings) as admin:
        admin.alter_configs([ConfigResource("TOPIC", settings.cart[0], {config: value})])
    found = look()
    assert faults(found) == {name: status, "group": "warning"}
    assert settings.cart[0] in found[name].said


def test_one_copy_on_several_brokers() -> None:
    one = Topic("cart", "input: cart", 3, 1)
    assert kafka_topics._copies([one], 3).status == "warning"
    assert kafka_topics._copies([one], 1).status == kafka_topics._copies([Topic("cart", "", 3, 2)], 3).status == "ok"


def test_records_where_they_belong(look: Look, names: dict[str, str]) -> None:
    put(create(names), pages(java_partition))
    found = look()
    assert faults(found) == {"group": "warning"}
    assert found["partitioner"].said == "100% of 60 records lie where murmur2 says"


def test_the_other_partitioner(look: Look, names: dict[str, str]) -> None:
    put(create(names), pages(java_partition))
    found = look(KAIROS_PARTITIONER="crc32")
    assert faults(found) == {"partitioner": "problem", "group": "warning"}
    assert found["partitioner"].advice.startswith(
        "set KAIROS_PARTITIONER=murmur2; where records were forwarded already"
    )
    found = look(KAIROS_PARTITIONER="crc32", KAIROS_MISROUTED="reject")
    assert found["partitioner"].advice == "set KAIROS_PARTITIONER=murmur2"


def test_no_partitioner_of_ours(look: Look, names: dict[str, str]) -> None:
    put(create(names), pages(lambda key, partitions: len(key) % partitions))
    found = look()
    assert faults(found) == {"partitioner": "warning", "group": "warning"}
    assert "are forwarded to there" in found["partitioner"].said
    found = look(KAIROS_MISROUTED="reject")
    assert faults(found) == {"partitioner": "problem", "group": "warning"}
    assert "misrouted" in found["partitioner"].said


def test_what_was_forwarded(look: Look, names: dict[str, str]) -> None:
    settings = create(names)
    assert look()["forwarded"].said == "no record had to be sent on to its shopper's partition"
    with wiring.client(names["REDIS_URL"]) as redis:
        redis.set(f"{settings.namespace}:partitions", PARTITIONS)
        redis.hset(f"{{{settings.namespace}:0}}:stats", mapping={"events": 40, "forwarded": 60, "forward_taken": 10})
        redis.hset(
            f"{{{settings.namespace}:1}}:stats", mapping={"events": 60, "forward_taken": 50, "forward_repeats": 7}
        )
    said = "60 records (60%) were sent on to their shopper's partition, 7 copies dropped"
    assert look()["forwarded"] == Check("forwarded", "ok", said)


def test_copies_that_workers_forwarded_say_nothing_about_producers(look: Look, names: dict[str, str]) -> None:
    settings = create(names)
    put(settings, pages(lambda key, partitions: 0))
    before = look()["partitioner"].said
    producer = KafkaProducer(bootstrap_servers=list(settings.brokers))
    for user, value, partition in pages(java_partition):
        if partition:
            headers = [(HEADER, b'["%s",0,0,0,-1]' % settings.namespace.encode())]
            producer.send(settings.clickstream[0], value, user.encode(), headers, partition=partition)
    producer.flush()
    producer.close()
    assert look()["partitioner"].said == before


def test_keys_that_are_none(look: Look, names: dict[str, str]) -> None:
    put(create(names), pages(java_partition), key=b"all the same")
    assert faults(look()) == {"keys": "warning", "group": "warning"}


def test_records_that_are_no_good(look: Look, names: dict[str, str]) -> None:
    put(create(names), [("u1", b"not json", 0)] * 10 + pages(java_partition))
    found = look()
    assert faults(found) == {"contract": "warning", "group": "warning"}
    assert "not_json 10" in found["contract"].said


def test_clocks_of_the_shop(look: Look, names: dict[str, str]) -> None:
    put(create(names), pages(java_partition, "2124-03-04T10:00:00Z"))
    assert faults(look()) == {"event time": "warning", "group": "warning"}


def test_another_number_of_shards(look: Look, names: dict[str, str]) -> None:
    settings = create(names)
    with wiring.client(names["REDIS_URL"]) as redis:
        redis.set(f"{settings.namespace}:partitions", 5)
    found = look()
    assert faults(found) == {"shards": "problem", "group": "warning"}
    assert found["shards"].said == "Redis holds state of 5 partitions, the inputs have 3"


def test_offsets_beyond_the_log_or_before_it(look: Look, names: dict[str, str]) -> None:
    settings = create(names)
    topic = settings.clickstream[0]
    put(settings, pages(lambda key, partitions: 1)[:10])
    with wiring.client(names["REDIS_URL"]) as redis:
        redis.set(f"{settings.namespace}:partitions", PARTITIONS)
        redis.hset(f"{{{settings.namespace}:1}}:off", topic, 4)
        assert look()["offsets"].said == "6 records are not folded yet"
        redis.hset(f"{{{settings.namespace}:1}}:off", topic, 11)
        assert look()["offsets"].said == f"Redis has read further than the logs go: {topic}[1] 11 of 10"
        redis.hset(f"{{{settings.namespace}:1}}:off", topic, 4)
    with topics.admin(settings) as admin:
        admin.delete_records({TopicPartition(topic, 1): 7})
    found = look()["offsets"]
    assert (found.status, found.said) == ("problem", f"records were deleted before they were read: {topic}[1] 3")


@pytest.mark.parametrize(
    ("state", "members", "status"),
    [
        ("Stable", 2, "ok"),
        ("Stable", 5, "warning"),
        ("PreparingRebalance", 2, "warning"),
        ("Empty", 0, "warning"),
        ("Dead", 0, "warning"),
    ],
)
def test_groups(state: str, members: int, status: str) -> None:
    class Admin:
        def describe_groups(self, groups: list[str]) -> dict[str, Any]:
            return {groups[0]: {"group_state": state, "members": [{}] * members}}

    assert progress.group(Admin(), load({}), PARTITIONS).status == status


def test_all_is_well_while_a_worker_runs(run: Run, names: dict[str, str], tmp_path: Any) -> None:
    settings, port = create(names), free_port()
    with worker(names | {"KAIROS_METRICS_PORT": str(port)}) as process:
        assert run("replay", "--wait", "--json", write(tmp_path, hours=3), **names).exit_code == 0
        result = run("doctor", "--json", **names)
        found = json.loads(result.stdout)
        assert (result.exit_code, result.stderr, found["ok"]) == (0, "", True)
        said = {check["name"]: check for check in found["checks"]}
        assert {name for name, check in said.items() if check["status"] != "ok"} <= {"redis log", "contract"}
        assert said["group"]["said"].endswith(": Stable, 1 member")
        assert said["shards"]["said"] == "3 as recorded in Redis"
        assert said["offsets"]["said"] == "0 records are not folded yet"
        assert "100%" in said["partitioner"]["said"]
        with urlopen(f"http://127.0.0.1:{port}/ready", timeout=10) as answer:
            assert json.load(answer) == {"ok": True, "shards": PARTITIONS, "problems": []}
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            lags = [line for line in answer.read().decode().splitlines() if line.startswith("kairos_lag_records{")]
        assert sorted(lags) == [
            f'kairos_lag_records{{shard="{shard}",topic="{source.topic}"}} 0.0'
            for shard in range(PARTITIONS)
            for source in sorted(settings.inputs)
        ]
        process.terminate()
        assert process.wait(timeout=30) == 0


def test_for_people(run: Run, names: dict[str, str]) -> None:
    result = run("doctor", **names)
    assert result.exit_code == 1
    assert "ok       kafka           answers at 127.0.0.1:" in result.stdout
    assert "PROBLEM  topics          missing: " in result.stdout
    assert "\n                         -> a worker does not start like this\n" in result.stdout
    assert result.stderr == "kairos: 1 problem\n"
