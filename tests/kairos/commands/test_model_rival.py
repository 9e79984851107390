"""`kairos model`: the hazard, its rival and the baseline side by side, and who judges."""

from __future__ import annotations

import json

import msgspec
import pytest

from kairos.commands.model import lines
from models.churn.card import card
from models.churn.model import TRIED, first
from tests.models.churn.test_rival import Shop


def words(shop: Shop) -> list[str]:
    return list(lines(card(shop.model), 2))


def test_a_rival_that_has_learned_nothing_is_not_shown() -> None:
    assert card(first("all")).rival is None
    assert not [line for line in lines(card(first("all")), 2) if "side by side" in line]


def test_they_stand_side_by_side() -> None:
    shop = Shop()
    for _ in range(2):
        shop.next(200, 0.45, 0.42)
    told = words(shop)
    at = told.index("side by side: the rival is River's StandardScaler | LogisticRegression; 3 labels learned")
    baseline, hazard, rival, between, _ = told[at + 1 : at + 6]
    found = card(shop.model)
    assert found.rival is not None
    assert baseline == "  recency × frequency  log loss 0.6956"  # 0.3 for four in ten: −0.4 ln 0.3 − 0.6 ln 0.7
    assert hazard.startswith(f"  hazard               log loss {found.recent.log_loss:.4f}, less that ")
    assert hazard.endswith("; judges")
    assert rival.startswith(f"  rival                log loss {found.rival.recent.log_loss:.4f}, less that ")
    assert found.rival.recent.baseline_log_loss == pytest.approx(found.recent.log_loss)
    assert found.rival.to_baseline == pytest.approx(
        found.rival.recent.log_loss - found.recent.baseline_log_loss, abs=1e-6
    )
    assert between.startswith(f"  rival less hazard    {found.rival.recent.difference:+.4f} ± ")
    assert between.endswith(", 400 predictions")


def test_the_rival_is_marked_where_it_judges() -> None:
    shop = Shop()
    for _ in range(TRIED):
        shop.next(20, 0.8, 0.4)
    told = words(shop)
    assert told[0].startswith(f"model/{shop.model.version}/river: ")
    assert [line[:8] for line in told if line.endswith("; judges")] == ["  rival "]
    whole = json.loads(msgspec.json.encode(card(shop.model)))
    assert (whole["judge"], whole["rival"]["labels_learned"]) == ("rival", TRIED + 1)
    assert whole["rival"]["make"].startswith("Pipeline ( StandardScaler ( with_std=True ")
    assert [*whole["weights"].values()] == pytest.approx(shop.model.rival.weights)
