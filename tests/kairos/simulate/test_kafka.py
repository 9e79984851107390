"""`kairos simulate` into a real broker: events where they belong, the same ticks everywhere, nothing ahead of time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import uuid
from datetime import datetime

import pytest
from kafka.partitioner.default import murmur2
from msgspec.structs import replace

from kairos.simulate.settings import BUSY, START
from kairos.simulate.shop import Shop
from models.kernel.settings import DAY, HOUR
from tests.conftest import Run
from tests.kairos.commands.test_kafka_commands import records
from tests.kairos.simulate.test_command import PROGRAM
from tests.topics import OUTPUT_TOPICS

ROLES = ("CLICKSTREAM", "CART", "ORDERS")
PARTITIONS = 2


@pytest.fixture
def settings(run: Run, kafka: str) -> dict[str, str]:
    """Topics of our own: those of other tests may have another number of partitions."""
    tag = uuid.uuid4().hex[:8]
    names = {f"KAIROS_TOPICS_{role}": f"{role.lower()}-{tag}" for role in ROLES} | {"KAFKA_URL": kafka}
    names |= {f"KAIROS_TOPIC_{role.upper().replace('-', '_')}": f"{role}-{tag}" for role in OUTPUT_TOPICS}
    assert run("topics", "create", "--partitions", str(PARTITIONS), **names).exit_code == 0
    return names


def written(settings: dict[str, str]) -> tuple[list[bytes], set[tuple[str, ...]]]:
    """All events, and the different sequences of ticks' timestamps that the partitions have."""
    events, ticks = [], set()
    for role in ROLES:
        for partition, log in enumerate(records(settings, role, PARTITIONS)):
            ours = [value for key, value in log if b"kairos.tick" not in value]
            keys = [key for key, value in log if b"kairos.tick" not in value]
            assert all(key and (murmur2(key) & 0x7FFFFFFF) % PARTITIONS == partition for key in keys)
            events += ours
            ticks.add(tuple(json.loads(value)["timestamp"] for _, value in log if b"kairos.tick" in value))
    return events, ticks


def test_history_with_a_tick_at_every_full_hour(run: Run, settings: dict[str, str]) -> None:
    end = START + 2 * DAY
    result = run("simulate", "--preset", "busy", "--until", "2024-03-06T00:00Z", "--json", **settings)
    assert result.exit_code == 0, result.stderr
    events, ticks = written(settings)
    expected = [row[3] for row in Shop(replace(BUSY, end=end))]
    assert sorted(events) == sorted(expected)
    (hours,) = ticks
    first, last = (datetime.fromisoformat(hour).timestamp() * 1000 for hour in (hours[0], hours[-1]))
    assert len(hours) == (last - first) / HOUR + 1
    assert last == end
    assert json.loads(result.stdout) | {"seconds": 0} == {
        "events": len(expected),
        "ticks": len(hours) * len(ROLES) * PARTITIONS,
        "seconds": 0,
    }
    assert "kairos worker --clock event" in result.stderr


def test_live_ends_with_a_tick_that_is_not_ahead(run: Run, settings: dict[str, str]) -> None:
    result = run("simulate", "--live", "--rate", "2000", "--days", "0.00002", **settings)
    assert result.exit_code == 0, result.stderr
    events, ticks = written(settings)
    assert events
    (stamps,) = ticks
    newest = max(json.loads(value)["timestamp"] for value in events)
    assert newest < stamps[-1]
    assert datetime.fromisoformat(stamps[-1]).timestamp() <= time.time()


def test_ctrl_c_leaves_the_same_ticks_everywhere(settings: dict[str, str]) -> None:
    command = [*PROGRAM, "--live", "--rate", "2000"]
    with subprocess.Popen(
        command, env=os.environ | settings, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        assert b"Ctrl-C ends it" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert b"Traceback" not in err
    events, ticks = written(settings)
    assert f"events           {len(events):,}".encode() in out
    assert len(ticks) == 1
