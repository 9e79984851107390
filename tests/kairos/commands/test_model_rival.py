"""`kairos model`: all who predict side by side, and who judges."""

from __future__ import annotations

import json

import msgspec
import pytest

from kairos.commands.model import lines
from models.churn.card import card
from models.churn.contest import WINDOW
from models.churn.model import first
from models.churn.scoring import RIVER
from tests.models.churn.test_contest import FAIR, GOOD, LONG, Shop, drawn


def words(shop: Shop) -> list[str]:
    return list(lines(card(shop.model), 2))


def row(told: list[str], name: str) -> str:
    """What is said of a contestant, by the first horizon."""
    return next(line for line in told if line.startswith(f"  {name} "))


def test_a_rival_that_has_learned_nothing_is_not_shown() -> None:
    assert card(first("all")).rival is None
    assert not [line for line in lines(card(first("all")), 2) if line.startswith("river")]


def test_they_stand_side_by_side() -> None:
    shop = Shop()
    for _ in range(LONG):
        shop.next(200, hazard=0.45, river=0.42, recency_frequency=0.3, mbg_nbd=None)
    told, found = words(shop), card(shop.model).horizons[0]
    assert "river       StandardScaler | LogisticRegression; 43 labels learned" in told
    assert told[told.index(f"within 14 days: {found.judge} judges; beats its baseline here") + 1].endswith(": 8,400")
    by_name = {one.name: one for one in found.contestants}
    assert found.judge == RIVER
    assert row(told, "river").split()[2] == "judges"
    for name in ("hazard", "recency_frequency"):
        one = by_name[name]
        assert one.difference == pytest.approx(one.recent.log_loss - by_name[RIVER].recent.log_loss, abs=1e-6)
        assert row(told, name).split()[1:5] == [
            f"{one.recent.log_loss:.4f}", f"{one.difference:+.4f}", "±", f"{one.interval:.4f}",
        ]  # fmt: skip
    assert row(told, "recency_frequency").split()[1][:5] == "0.695"  # −0.4 ln 0.3 − 0.6 ln 0.7
    assert row(told, "mbg_nbd").endswith("no matured predictions yet")
    assert next(line for line in told if "predicted   labels" in line).startswith("  of river:")


def test_each_horizon_has_its_own() -> None:
    shop = Shop()
    for _ in range(WINDOW + 1):
        drawn(shop.counts.scores, 50, shop.day, horizon=30, hazard=FAIR, mbg_nbd=GOOD)
        shop.next(50, hazard=FAIR, river=GOOD)
    whole = json.loads(msgspec.json.encode(card(shop.model)))
    assert [(one["days"], one["judge"]) for one in whole["horizons"]] == [
        (14, "river"),
        (30, "mbg_nbd"),
        (90, "mbg_nbd"),
    ]
    assert whole["rival"]["make"].startswith("Pipeline ( StandardScaler ( with_std=True ")
    assert [line.partition(";")[0] for line in words(shop) if line.startswith("within")] == [
        "within 14 days: river judges",
        "within 30 days: mbg_nbd judges",
        "within 90 days: mbg_nbd judges",
    ]
