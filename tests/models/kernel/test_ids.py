"""Ids: the same for the same parts, different for any others."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel.ids import digest

PARTS = st.lists(st.none() | st.integers() | st.text(max_size=8) | st.binary(max_size=8), max_size=5)


def test_the_joining_is_pinned() -> None:
    """Ids are stored and sent: they must never change. Spelled out here by hand."""
    joined = b"s9:user-tags" + b"i2:-3" + b"n0:" + b"b2:\x00\xff" + b"s2:\xc3\xa9"
    assert digest("user-tags", -3, None, b"\x00\xff", "é") == blake2b(joined, digest_size=16).hexdigest()


@given(PARTS, PARTS)
def test_only_equal_parts_share_an_id(a: list[Any], b: list[Any]) -> None:
    same = [(type(part), part) for part in a] == [(type(part), part) for part in b]
    assert (digest(*a) == digest(*b)) is same


@pytest.mark.parametrize(
    ("a", "b"), [(("a", "bc"), ("ab", "c")), ((1,), ("1",)), ((None,), ("",)), ((b"a",), ("a",)), ((), ("",))]
)
def test_look_alikes_differ(a: tuple[Any, ...], b: tuple[Any, ...]) -> None:
    assert digest(*a) != digest(*b)


@pytest.mark.parametrize("part", [True, 1.0, ["a"]])
def test_other_types_are_refused(part: Any) -> None:
    with pytest.raises(TypeError):
        digest(part)
