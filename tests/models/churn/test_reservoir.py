"""The reservoir: of each label the history before it, of many an even part, and nothing that is older than a step."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.churn.covariates import covariates, pack
from models.churn.level import Level
from models.churn.reservoir import MOST, histories, renewed
from models.churn.sequence import Label
from models.kernel.settings import DAY
from models.orders.buying import Buying

AT = 20_000 * DAY


def label(matured: int, gaps: list[float], since: float) -> Label:
    """Of a buyer with these gaps, whose covariates were taken so many days after the newest occasion."""
    buying, day = Buying(), 19_000.0
    buying.learn_one(day, 20.0, 1)
    for gap in gaps:
        day += gap
        buying.learn_one(day, 20.0, 1)
    x = covariates(buying, day + since, Level())
    return Label(matured, pack(x), False, day + since - 19_000.0)


@given(st.lists(st.floats(1, 300), max_size=40), st.floats(0, 900))
def test_a_history_is_what_the_buyer_did(gaps: list[float], since: float) -> None:
    """To a day, and as far as half-precision covariates say: to half a per cent."""
    found = histories(renewed(b"", [label(AT - 1, gaps, since)], AT, DAY))
    assert found.x.tolist() == [len(gaps)]
    assert found.T[0] == pytest.approx(sum(gaps) + since, abs=0.51, rel=1e-5 if gaps else 0.005)
    assert found.tx[0] == pytest.approx(sum(gaps), abs=0.52 + 0.005 * since)
    assert found.tx[0] <= found.T[0]


def test_labels_of_fourteen_days_are_kept() -> None:
    kept = b""
    for day in range(40):
        kept = renewed(kept, [label(AT + day * DAY - 1, [1.0] * day, 3.0)], AT + day * DAY, DAY)
    assert sorted(histories(kept).x.tolist()) == list(range(26, 40))


def test_of_many_an_even_part_is_kept() -> None:
    many, kept = [label(AT - 1, [1.0], float(i % 500)) for i in range(1_000)], b""
    for day in range(20):
        kept = renewed(kept, [one._replace(matured=AT + day * DAY - 1) for one in many], AT + day * DAY, DAY)
    assert 0.9 * MOST < len(histories(kept).x) <= MOST
    since = histories(kept).T - histories(kept).tx
    assert np.mean(since) == pytest.approx(250, rel=0.05)
    assert len(histories(renewed(b"", many, AT, 7 * DAY)).x) == MOST // 2
