"""Where to read on, and what must not be read on from."""

from __future__ import annotations

import pytest

from streams.errors import LogRecreated, NotCopartitioned, RecordsLost
from streams.transport.positions import copartitioned, numbers, resume


@pytest.mark.parametrize(
    ("stored", "start", "end", "answer"),
    [(None, 0, 0, 0), (None, 7, 9, 7), (7, 7, 9, 7), (8, 7, 9, 8), (9, 7, 9, 9), (0, 0, 0, 0)],
)
def test_inside_the_log(stored: int | None, start: int, end: int, answer: int) -> None:
    assert resume("cart[0]", stored, start, end) == answer
    assert resume("cart[0]", stored, start, end, "skip") == answer


def test_below_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(RecordsLost, match=r"cart\[3\]: 5 records were deleted before they were read"):
        resume("cart[3]", 2, 7, 9)
    assert resume("cart[3]", 2, 7, 9, "skip") == 7
    assert "5 records were deleted" in caplog.text


@pytest.mark.parametrize(("forgotten", "start", "missing"), [(None, 7, 0), (7, 7, 0), (9, 7, 0), (0, 0, 0), (2, 7, 5)])
def test_a_store_that_forgot(forgotten: int | None, start: int, missing: int, caplog: pytest.LogCaptureFixture) -> None:
    if missing:
        said = rf"cart\[3\]: .* without its data, and {missing} records .* KAIROS_ON_GAP=skip"
        with pytest.raises(RecordsLost, match=said):
            resume("cart[3]", None, start, 9, "stop", forgotten)
    else:
        assert resume("cart[3]", None, start, 9, "stop", forgotten) == start
    assert resume("cart[3]", None, start, 9, "skip", forgotten) == start
    assert bool(caplog.text) == bool(missing)


@pytest.mark.parametrize("on_gap", ["stop", "skip"])
def test_above_the_log(on_gap: str) -> None:
    with pytest.raises(LogRecreated, match="up to offset 10, but the log ends at 9"):
        resume("cart[3]", 10, 7, 9, on_gap)  # type: ignore[arg-type]


def test_a_shard_torn_apart_is_told() -> None:
    """What the round-robin assignor does, or a worker of the group that reads other topics."""
    assert numbers([], ["cart", "orders"]) == set()
    with pytest.raises(NotCopartitioned, match="partition 1 of orders was not assigned along with"):
        numbers([("cart", 0), ("orders", 0), ("cart", 1)], ["cart", "orders"])


def test_unequal_or_missing_topics_are_told() -> None:
    with pytest.raises(NotCopartitioned, match="no such topic: b, c"):
        copartitioned({"a": 8, "b": None, "c": 0})
    with pytest.raises(NotCopartitioned, match="a has 8, b has 4"):
        copartitioned({"b": 4, "a": 8})
