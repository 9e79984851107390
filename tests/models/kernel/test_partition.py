"""Partitioners, against those of the clients and the vectors of their own test suites."""

from __future__ import annotations

import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2 as kafka_python_murmur2

from models.kernel.partition import (
    PARTITIONERS,
    java_partition,
    librdkafka_partition,
    murmur2,
    partitioner,
    reference_partition,
)

# apache/kafka clients/src/test/java/org/apache/kafka/common/utils/UtilsTest.java, testMurmur2
JAVA = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}

# confluentinc/librdkafka tests/0048-partitioner.c: CRC-32, and murmur2 & 0x7fffffff as Java's client says it.
LIBRDKAFKA = {
    b"23456": (0xB1B451D7, 0x058D780F),
    b"this is another string with more length to it perhaps": (0xB0150DF7, 0x4F7703DA),
    b"hejsan": (0xD077037E, 0x5EC19395),
}


@pytest.mark.parametrize(("key", "expected"), JAVA.items())
def test_murmur2_is_javas(key: bytes, expected: int) -> None:
    assert murmur2(key) == expected % 2**32


@pytest.mark.parametrize(("key", "expected"), LIBRDKAFKA.items())
@pytest.mark.parametrize("partitions", [1, 7, 17])
def test_librdkafkas_vectors(key: bytes, expected: tuple[int, int], partitions: int) -> None:
    crc, murmur = expected
    assert librdkafka_partition(key, partitions) == crc % partitions
    assert java_partition(key, partitions) == murmur % partitions


# segmentio/kafka-go balancer_test.go, TestReferenceHashBalancer: key, partitions, and where it belongs.
KAFKA_GO = [(b"blah", 2, 0), (b"blah", 3, 1), (b"castle", 3, 2), (b"20", 16, 15)]


@pytest.mark.parametrize(("key", "partitions", "expected"), KAFKA_GO)
def test_kafka_gos_vectors(key: bytes, partitions: int, expected: int) -> None:
    assert reference_partition(key, partitions) == expected


@given(st.binary(max_size=40), st.integers(1, 1000))
def test_murmur2_partitions_as_the_python_clients_do(key: bytes, partitions: int) -> None:
    every = list(range(partitions))
    assert murmur2(key) == kafka_python_murmur2(key) % 2**32
    assert java_partition(key, partitions) == DefaultPartitioner()(key, every, every)


def test_by_name() -> None:
    for name, plain in PARTITIONERS.items():
        named = partitioner(name)  # type: ignore[arg-type]
        assert [named(b"u%d" % i, 8) for i in range(99)] * 2 == [plain(b"u%d" % (i % 99), 8) for i in range(198)]
    with pytest.raises(ValueError, match="murmur2, crc32, fnv1a, not"):
        partitioner("random")  # type: ignore[arg-type]
