"""Files that are no JSON lines: arrays, tables, batches."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.cases.conftest import INPUTS, Replay

DAY = "2026-04-02T00:00:00Z"


@pytest.mark.parametrize("layout", ["as it is", "compact", "packed"])
def test_an_array_of_calls_is_read(replay: Replay, tmp_path: Path, layout: str) -> None:
    content = (INPUTS / "28-array.json").read_bytes()
    if layout == "compact":
        content = json.dumps(json.loads(content), separators=(",", ":")).encode()
    file = tmp_path / "array.json"
    file.write_bytes(gzip.compress(content) if layout == "packed" else content)
    done = replay(file, until=DAY)
    assert (done.code, done.report["events"], done.report["dead_letters"]) == (0, 2, {})
    assert done.report["revenue"] == {"USD": 500}
    assert done.said("cart-abandonments") == []
    assert done.profiles["sf1"]["buyer"]["orders"] == 1


def test_a_log_of_another_shop_system_is_one_clear_error(replay: Replay) -> None:
    done = replay("28-shop-log.csv", until=DAY)
    assert (done.code, done.messages, done.profiles) == (2, [], {})
    assert "a table with the columns event_time, event_type, product_id" in done.text
    assert len(done.text.splitlines()) == 1


def test_a_batch_is_a_dead_letter_and_not_another_kind_of_file(replay: Replay) -> None:
    done = replay("29-batch-envelope.jsonl", until=DAY)
    assert (done.code, done.report["events"]) == (0, 2)
    assert len(done.said("dead-letters")) >= 1
    assert not done.profiles.get("ba1")
