"""Where a letter's record goes when it goes out again."""

from __future__ import annotations

from zlib import crc32

import pytest
from kafka.partitioner.default import murmur2

from kairos.config.settings import Settings
from kairos.dlq.redriving import corrected, plan
from kairos.replay.route import Route
from models.decoding.decoder import Decoder
from models.features import ShopSettings
from tests.kairos.dlq.dead_letters import letter

SETTINGS = Settings(cart=("carts", "old-carts"))
READER = Decoder(SETTINGS.shop)
ROUTE = Route(SETTINGS, 16)
GOOD = b'{"type":"track","event":"Cart Viewed","userId":"u7","timestamp":"2026-04-01T10:00:00Z"}'


def java(key: bytes) -> int:
    """The partition by kafka-python's own partitioner."""
    return (murmur2(key) & 0x7FFFFFFF) % 16


def test_the_original_goes_to_its_role_and_its_shoppers_partition() -> None:
    for key in (b"u7", b"another", None):  # a misrouted record may have any key
        [record] = plan([letter(code="misrouted", key=key, value=GOOD, topic="old-carts")], READER).records
        assert record.placed(ROUTE) == (1, java(b"u7"), key, GOOD)
        assert ROUTE.topics[1] == "carts"


def test_by_the_configured_partitioner() -> None:
    settings = Settings(shop=ShopSettings(partitioner="crc32"))
    [record] = plan([letter(value=GOOD)], Decoder(settings.shop)).records
    assert record.placed(Route(settings, 16))[1] == crc32(b"u7") % 16


@pytest.mark.parametrize(("key", "partition"), [(b"u9", java(b"u9")), (None, 5), (b"", 5)])
def test_whose_it_is_cannot_be_read(key: bytes | None, partition: int) -> None:
    for value in (b"garbage", None):
        [record] = plan([letter(key=key, value=value, user_id=None, partition=5)], READER).records
        assert record.placed(ROUTE) == (1, partition, key, value)


def test_a_part_of_a_record_and_a_tick_stay() -> None:
    tick = b'{"type":"kairos.tick","timestamp":"2026-04-01T10:00:00Z"}'
    cut, void, ticking = letter(1, value=GOOD[:30], size=99), letter(2, value=None), letter(3, value=tick)
    found = plan([cut, void, ticking], READER)
    assert ([again.letter for again in found.records], found.left_out) == ([void], [cut, ticking])


def test_what_would_come_back_is_counted() -> None:
    found = plan([letter(value=GOOD), letter(value=b"{}"), letter(value=b"")], READER)
    assert found.refused == {"bad_timestamp": 1, "not_json": 1}


def test_a_corrected_message_has_its_own_shoppers_key() -> None:
    [record] = corrected(letter(key=b"wrong", user_id=None, size=1 << 20), GOOD, READER).records
    assert record.placed(ROUTE) == (1, java(b"u7"), b"u7", GOOD)
