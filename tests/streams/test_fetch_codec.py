"""Fetches as they are written and read here are, byte for byte and value for value, aiokafka's own."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Any

import pytest
from aiokafka.protocol.fetch import FetchRequest, FetchRequest_v4, FetchRequest_v11, FetchResponse_v11
from hypothesis import given
from hypothesis import strategies as st

from streams.transport.fetch_codec import Answer, Ask, Fetch

I16, I32, I64 = (st.integers(-(1 << bits - 1), (1 << bits - 1) - 1) for bits in (16, 32, 64))
NAMES = st.text(max_size=20)
ABORTED = st.none() | st.lists(st.tuples(I64, I64), max_size=3)
PARTITION = st.tuples(I32, I16, I64, I64, I64, ABORTED, I32, st.none() | st.binary(max_size=50))
TOPICS = st.lists(st.tuples(NAMES, st.lists(PARTITION, max_size=4)), max_size=4)
ASKED = st.lists(st.tuples(NAMES, st.lists(st.tuples(I32, I64, I32), max_size=4)), max_size=4)
VERSIONS = {1: (0, 11)}


@given(I32, I16, I32, TOPICS)
def test_answers(throttle: int, error: int, session: int, topics: list[Any]) -> None:
    raw = FetchResponse_v11(throttle, error, session, topics).encode()
    expected = FetchResponse_v11.decode(raw)
    for found in (Answer.decode(raw), Answer.decode(BytesIO(raw))):
        assert found.__dict__ == expected.__dict__
        assert found.API_VERSION == 11


@given(I32, I32, I32, st.integers(0, 1), ASKED, NAMES)
def test_requests(wait: int, least: int, most: int, level: int, topics: list[Any], rack: str) -> None:
    plain = FetchRequest(wait, least, most, level, topics, rack_id=rack)
    made = Fetch(plain).prepare(VERSIONS)
    assert type(made) is Ask
    assert made.RESPONSE_TYPE is Answer
    assert made.encode() == plain.prepare(VERSIONS).encode()
    assert Fetch(plain).topics == topics


def test_a_broker_that_speaks_an_older_version_gets_that() -> None:
    assert type(Fetch(FetchRequest(1, 1, 1, 1, [("t", [(0, 5, 9)])])).prepare({1: (0, 4)})) is FetchRequest_v4


def test_an_answer_that_is_cut_off_is_an_error() -> None:
    raw = FetchResponse_v11(0, 0, 0, [("t", [(0, 0, 1, 1, 0, None, -1, b"")])]).encode()
    with pytest.raises(struct.error):
        Answer.decode(raw[:20])
    assert issubclass(Ask, FetchRequest_v11)
