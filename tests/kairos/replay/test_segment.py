"""Segment calls, one a line, from files and pipes: what goes out, with which key, role and time."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from kairos.errors import ReplayError
from kairos.replay import lines, segment
from kairos.replay.row import Rows
from kairos.replay.segment import Segment
from models.features import ShopSettings
from models.kernel.events import CART, CLICKSTREAM, ORDER

AT = 1_795_256_100_000  # 2026-11-21T10:15:00Z


def call(**fields: Any) -> bytes:
    return json.dumps({"type": "track", "userId": "u42", "timestamp": "2026-11-21T10:15:00Z"} | fields).encode()


def read(folder: Path, content: bytes) -> Rows:
    file = folder / "events.jsonl"
    file.write_bytes(content)
    return [row for rows in Segment([str(file)], ShopSettings()) for row in rows]


def test_role_by_name_key_by_id_bytes_as_they_came(tmp_path: Path) -> None:
    calls = [
        b'{"type":"page",  "userId":"u42","timestamp":"2026-11-21T10:15:00Z"}',
        call(event="Product Added", properties={"product_id": "p"}),
        call(event="Order Completed", properties={"order_id": "o", "revenue": 1}),
        call(event="Something Else", userId=None, anonymousId="a9"),
    ]
    assert read(tmp_path, b"\n".join(calls) + b"\n\n") == [
        (AT, CLICKSTREAM, b"u42", calls[0]),
        (AT, CART, b"u42", calls[1]),
        (AT, ORDER, b"u42", calls[2]),
        (AT, CLICKSTREAM, b"a9", calls[3]),
    ]


def test_what_cannot_be_read_goes_out_as_well(tmp_path: Path) -> None:
    bad = [b"not json", b'{"type":"page"}', call(timestamp="yesterday"), b"\xff\xfe", b"[]"]
    assert [row[3] for row in read(tmp_path, b"\r\n".join(bad))] == bad


def test_a_time_is_what_the_file_says_even_ahead_of_the_clock(tmp_path: Path) -> None:
    ((e, *_),) = read(tmp_path, call(type="page", timestamp="2999-01-01T00:00:00Z"))
    assert e == 32_472_144_000_000


def test_ticks_in_the_file_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_bytes(b'{"type":"kairos.tick","timestamp":"2026-11-21T10:00:00Z"}\n' + call(type="page"))
    source = Segment([str(file)], ShopSettings())
    assert sum(len(rows) for rows in source) == 1
    assert source.left_out == {segment.TICKS: 1}


@pytest.mark.parametrize("block", [1, 7, 64, 1 << 20])
def test_lines_are_whole_wherever_blocks_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(lines, "BLOCK", block)
    calls = [call(type="page", properties={"path": "/" + "é" * n}) for n in range(40)]
    assert [row[3] for row in read(tmp_path, b"\n".join(calls))] == calls


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as pipe:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(pipe))
        os.write(writer, call(type="page") + b'\n{"half')
        batches = iter(Segment(["-"], ShopSettings()))
        assert [row[3] for row in next(batches)] == [call(type="page")]  # a pipe is not waited for to fill up
        os.write(writer, b'":1}')
        os.close(writer)
        assert [row[3] for row in next(batches)] == [b'{"half":1}']
        assert list(batches) == []


def test_no_such_file() -> None:
    with pytest.raises(ReplayError, match=r"none\.jsonl: no such file"):
        Segment(["none.jsonl"], ShopSettings())
