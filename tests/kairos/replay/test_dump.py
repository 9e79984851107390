"""Dumps: outputs by their content, repeats once, and never two contents for one id."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kairos.errors import RepeatDiffers
from kairos.replay.dump import PublishedOutput, dump
from models.features import ShopSettings
from sinks.memory_store import MemoryStore


def said(role: str = "user-tags", key: bytes | None = b"u1", **message: object) -> PublishedOutput:
    return PublishedOutput(role, key, json.dumps({"id": "1"} | message).encode())


def dumped(folder: Path, *messages: PublishedOutput) -> list[dict[str, Any]]:
    dump(str(folder / "dump"), MemoryStore(), ShopSettings(), messages)
    return [json.loads(line) for line in (folder / "dump").read_bytes().splitlines()]


def test_repeats_are_one_and_order_does_not_matter(tmp_path: Path) -> None:
    a, b = said(kind="entered"), said(id="2", kind="exited")
    assert dumped(tmp_path, a, b, a) == dumped(tmp_path, b, a)
    assert len(dumped(tmp_path, a, b, a)) == 2


def test_the_same_id_in_another_topic_is_another_output(tmp_path: Path) -> None:
    assert len(dumped(tmp_path, said(), said("churn-alerts"))) == 2


@pytest.mark.parametrize("other", [said(reason="another"), said(key=b"u2"), said(key=None)])
def test_a_repeat_that_differs_is_an_error(tmp_path: Path, other: PublishedOutput) -> None:
    with pytest.raises(RepeatDiffers, match="user-tags"):
        dumped(tmp_path, said(), other)


def letter(partition: int, offset: int, as_of: int, **message: object) -> PublishedOutput:
    return said("dead-letters", None, topic="cart", partition=partition, offset=offset, as_of=as_of, **message)


def test_dead_letters_go_without_partition_and_offset(tmp_path: Path) -> None:
    shown = {"topic": "dead-letters", "key": None, "message": {"id": "1", "topic": "cart", "as_of": 5}}
    assert dumped(tmp_path, letter(1, 7, 5)) == dumped(tmp_path, letter(2, 9, 5)) == [shown]
    with pytest.raises(RepeatDiffers):
        dumped(tmp_path, said(offset=1), said(offset=2))


def test_the_same_garbage_in_two_partitions_is_two_letters_with_one_id(tmp_path: Path) -> None:
    here, there = letter(1, 7, 5), letter(2, 7, 6)
    assert [line["message"]["as_of"] for line in dumped(tmp_path, here, there, here, there)] == [5, 6]
    assert len(dumped(tmp_path, here, letter(2, 7, 5))) == 2


def test_a_copy_beyond_those_counted_is_a_letter_of_its_own(tmp_path: Path) -> None:
    assert len(dumped(tmp_path, letter(1, 7, 5), letter(1, 8, 6))) == 2


@pytest.mark.parametrize(
    "other", [letter(1, 7, 6), letter(1, 7, 5, reason="another"), letter(1, 7, 5)._replace(key=b"x")]
)
def test_a_repeated_dead_letter_that_differs_is_an_error(tmp_path: Path, other: PublishedOutput) -> None:
    with pytest.raises(RepeatDiffers, match="dead-letters"):
        dumped(tmp_path, letter(1, 7, 5), letter(2, 7, 6), other)
