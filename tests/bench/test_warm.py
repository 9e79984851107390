"""The tail and the profiles before it are together the whole stream."""

from __future__ import annotations

from bench.stream import Stream
from bench.warm import split
from models.profile import codec


def test_nothing_is_lost_at_the_cut():
    stream, seen = Stream(21_000), []
    packed, tail = split(stream, 12_345, seen.append)
    rows = [row for batch in stream for row in batch]
    assert [row for batch in tail for row in batch] == rows[-12_345:]
    assert sum(codec.decode(profile).events for profile in packed.values()) == 21_000 - 12_345
    assert set(packed) == {row[2].decode() for row in rows[:-12_345]}
    assert seen[-1] == 21_000
