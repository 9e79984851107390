"""Packed files and pipes: every way they are packed, cut short, or damaged."""

from __future__ import annotations

import gzip
import io
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kairos.errors import ReplayError
from kairos.replay.lines import lines
from kairos.replay.segment import Segment
from models.features import ShopSettings

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LINES = [b'{"n":%d,"text":"%s"}' % (n, b"x" * (n % 97)) for n in range(5_000)]
TEXT = b"\n".join(LINES)
PACKED: dict[str, Callable[[bytes], bytes]] = {"plain": bytes, "gz": gzip.compress, "zst": zstd.compress}

packed = pytest.mark.parametrize("way", PACKED)


def found(file: str) -> list[bytes]:
    return [line for batch in lines(file) for line in batch]


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The writing end of what is standard input."""
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as stream:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(stream))
        yield writer


@packed
@pytest.mark.parametrize("name", ["events.jsonl", "events.gz"])
def test_the_first_bytes_tell_and_not_the_name(tmp_path: Path, way: str, name: str) -> None:
    (tmp_path / name).write_bytes(PACKED[way](TEXT))
    assert found(str(tmp_path / name)) == LINES


@packed
def test_files_put_together_are_one(tmp_path: Path, way: str) -> None:
    """`cat a.gz b.gz` is a file of both."""
    (tmp_path / "both").write_bytes(PACKED[way](TEXT + b"\n") + PACKED[way](b"") + PACKED[way](TEXT))
    assert found(str(tmp_path / "both")) == LINES + LINES


@packed
@pytest.mark.parametrize("text", [b"", b"\n", b"a"])
def test_little_or_nothing(tmp_path: Path, way: str, text: bytes) -> None:
    (tmp_path / "little").write_bytes(PACKED[way](text))
    assert b"\n".join(found(str(tmp_path / "little"))) == text.removesuffix(b"\n")


@packed
def test_standard_input(pipe: int, way: str) -> None:
    """In pieces, the first of a single byte: what it is packed by shows later."""
    content = PACKED[way](b"a\nb\nc")
    for piece in (content[:1], content[1:3], content[3:]):
        os.write(pipe, piece)
    os.close(pipe)
    assert found("-") == [b"a", b"b", b"c"]


def test_a_packed_pipe_is_not_waited_for_to_fill_up(pipe: int) -> None:
    packer = zlib.compressobj(wbits=31)
    batches = iter(lines("-"))
    for line in (b"one", b"two"):
        os.write(pipe, packer.compress(line + b"\n") + packer.flush(zlib.Z_SYNC_FLUSH))
        assert next(batches) == [line]
    os.write(pipe, packer.flush())
    os.close(pipe)
    assert list(batches) == []


def test_a_zstandard_pipe_is_not_waited_for_to_fill_up(pipe: int) -> None:
    packer = zstd.ZstdCompressor()
    batches = iter(lines("-"))
    for line in (b"one", b"two"):
        os.write(pipe, packer.compress(line + b"\n", mode=zstd.ZstdCompressor.FLUSH_BLOCK))
        assert next(batches) == [line]
    os.close(pipe)
    with pytest.raises(ReplayError, match="standard input: cannot be read"):
        next(batches)


@pytest.mark.parametrize("way", ["gz", "zst"])
@pytest.mark.parametrize("harm", ["cut", "flipped", "trailing"])
def test_damage_is_told(tmp_path: Path, way: str, harm: str) -> None:
    content = PACKED[way](TEXT)
    middle = len(content) // 2
    flipped = content[:middle] + bytes(byte ^ 0xFF for byte in content[middle : middle + 40]) + content[middle + 40 :]
    file = tmp_path / f"events.jsonl.{way}"
    file.write_bytes({"cut": content[:middle], "flipped": flipped, "trailing": content + b"no such thing"}[harm])
    with pytest.raises(ReplayError, match=rf"events\.jsonl\.{way}: cannot be read: "):
        found(str(file))


def test_what_is_no_file(tmp_path: Path) -> None:
    for name in ("none.jsonl", "."):
        with pytest.raises(ReplayError, match="no such file"):
            Segment([str(tmp_path / name)], ShopSettings())
