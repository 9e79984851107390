"""Dumps: outputs by their content, repeats once, and never two contents for one id."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kairos.dump import Said, dump
from kairos.errors import RepeatDiffers
from models.settings import Settings
from sinks.memory_store import MemoryStore


def said(role: str = "user-tags", key: bytes | None = b"u1", **message: object) -> Said:
    return Said(role, key, json.dumps({"id": "1"} | message).encode())


def dumped(folder: Path, *messages: Said) -> list[dict[str, object]]:
    dump(str(folder / "dump"), MemoryStore(), Settings(), messages)
    return [json.loads(line) for line in (folder / "dump").read_bytes().splitlines()]


def test_repeats_are_one_and_order_does_not_matter(tmp_path: Path) -> None:
    a, b = said(kind="entered"), said(id="2", kind="exited")
    assert dumped(tmp_path, a, b, a) == dumped(tmp_path, b, a)
    assert len(dumped(tmp_path, a, b, a)) == 2


def test_the_same_id_in_another_topic_is_another_output(tmp_path: Path) -> None:
    assert len(dumped(tmp_path, said(), said("churn-alerts"))) == 2


@pytest.mark.parametrize("other", [said(reason="another"), said(key=b"u2"), said(key=None)])
def test_a_repeat_that_differs_is_an_error(tmp_path: Path, other: Said) -> None:
    with pytest.raises(RepeatDiffers, match="user-tags"):
        dumped(tmp_path, said(), other)


def test_dead_letters_are_compared_without_partition_and_offset(tmp_path: Path) -> None:
    first = said("dead-letters", partition=1, offset=7, topic="cart")
    assert dumped(tmp_path, first, said("dead-letters", partition=2, offset=9, topic="cart")) == [
        {"topic": "dead-letters", "key": "u1", "message": {"id": "1", "topic": "cart"}}
    ]
    with pytest.raises(RepeatDiffers):
        dumped(tmp_path, said(offset=1), said(offset=2))
