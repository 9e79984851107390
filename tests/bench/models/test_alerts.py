"""Alerts by share and alerts that were told, by hand."""

from __future__ import annotations

import msgspec
import numpy as np
import polars as pl
import pytest

from bench.models.alerts import shares
from bench.models.data_sets import CDNOW
from bench.models.histories import Folded
from bench.models.purchases import Purchases
from bench.models.told import Raised, raised, told
from kairos.config.settings import load
from models.kernel.settings import DAY
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from sinks.outputs import Message


def test_shares_by_hand() -> None:
    """Twenty repeat buyers of risk .05 to 1. The riskiest bought yesterday; those of even number do not come back."""
    risk = np.arange(1, 21) / 20
    gone = np.arange(1, 21) % 2 == 0
    since, gaps = np.full(20, 30.0), np.full(20, 10.0)
    since[19] = 1.0
    found = {(row.share, row.overdue): row for row in shares(risk, gone, since, gaps)}
    tenth, overdue = found[0.1, False], found[0.1, True]
    assert (tenth.alerts, tenth.precision, tenth.recall, tenth.early) == (2, 0.5, 0.1, 1)
    assert (overdue.alerts, overdue.precision, overdue.recall, overdue.early) == (1, 0.0, 0.0, 0)
    assert tenth.threshold == pytest.approx(0.905)
    assert (found[0.05, True].alerts, found[0.05, True].precision) == (0, None)


def test_what_was_told_is_judged_by_the_orders() -> None:
    """Right; wrong, as the buyer comes after 90 days to the hour; two days after the second order of an occasion; too
    late to judge. An order of the same day comes after an alert at midnight."""
    start = CDNOW.at(0)
    orders = [("a", 0), ("a", 101), ("b", 0), ("b", 100), ("c", 7.5), ("c", 8), ("d", 250), ("d", 260.1), ("d", 299)]
    rows = [(buyer, start + round(day * DAY)) for buyer, day in orders]
    purchases = Purchases(pl.DataFrame(rows, schema=["buyer", "at"], orient="row"), start)
    alerts = [Raised(buyer, start + day * DAY, "raised", "m/1") for buyer, day in (("a", 10), ("b", 10), ("c", 10))]
    (found,) = told([*alerts, Raised("d", start + 260 * DAY, "raised", "m/2")], purchases, 90)
    assert (found.model, found.raised, found.judged, found.days) == ("m", 4, 3, 90)
    assert found.precision == pytest.approx(2 / 3)
    assert (found.early, found.least) == (1, 2.0)


def test_alerts_are_read_from_what_was_said() -> None:
    """Of all messages those raised, each once, however often it was repeated."""
    settings, outputs = load({}), MemoryOutputs()
    topic = settings.outputs["churn-alerts"]

    def message(where: str, kind: str, at: int) -> Message:
        return Message(where, b"a", msgspec.json.encode({"user_id": "a", "as_of": at, "kind": kind, "model": "m/1"}))

    said = [message(topic, "raised", 5), message(topic, "raised", 5), message(topic, "cleared", 9)]
    outputs.append(0, [*said, message("user-tags", "raised", 7)])
    found = list(raised(Folded(MemoryStore(), outputs, settings, 10)))
    assert found == [Raised("a", 5, "raised", "m/1")]
