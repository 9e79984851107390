"""No message costs more than its size explains: in lines of Python, which are the same on every run, and in CPU time
against a yardstick measured beside it, with bounds that only a cost out of proportion can reach."""

from __future__ import annotations

import json
from statistics import median

import pytest

from models.decoding.decoder import Decoder
from tests.fuzz.heavy import SHAPES, accepted
from tests.fuzz.mutations import mutants
from tests.fuzz.seeds import OPENED
from tests.fuzz.shop import SETTINGS, MutantShop
from tests.fuzz.work import lines, seconds

LARGE = 240_000
"""Bytes: nearly as many as a message may have."""
READ = Decoder(SETTINGS).read


def lines_allowed(size: int) -> int:
    """Two a byte is what the dearest shape takes (it is looked at for its depth token by token)."""
    return 1_500 + 4 * size


@pytest.mark.parametrize("shape", SHAPES)
def test_the_largest_messages(shape: str) -> None:
    value = SHAPES[shape](LARGE)
    assert lines(lambda: READ(value, OPENED)) <= lines_allowed(len(value))
    usual = SHAPES["many keys"](LARGE)
    allowed = 20 * seconds(lambda: json.loads(usual), tries=3)  # the dearest shape takes 6 of them, in Python
    assert seconds(lambda: READ(value, OPENED), allowed) <= allowed


def test_mutations() -> None:
    values = [mutant.value or b"" for mutant in mutants(-2, 4_000)]
    found = [(lines(lambda value=value: READ(value, OPENED)), value) for value in values]  # type: ignore[misc]
    worst, value = max((count - lines_allowed(len(value)), value) for count, value in found)
    assert worst <= 0, value[:1_000]
    assert median(count for count, _ in found) < 200


@pytest.mark.slow
@pytest.mark.parametrize("event", ["Cart Updated", "Product Added", "Order Completed"])
def test_a_long_history_costs_no_more_than_a_short_one(event: str) -> None:
    shop, costs = MutantShop(), []
    for number in range(0, 500, 50):
        some = accepted(event, number, number + 50)
        costs.append(lines(lambda some=some: shop.feed(some)))  # type: ignore[misc]
    assert shop.counts()["applied"] == 500
    assert max(costs[2:]) <= 1.1 * costs[1]
    assert max(costs) / 50 <= lines_allowed(len(some[0].value or b""))
