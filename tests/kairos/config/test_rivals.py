"""KAIROS_CHURN_RIVAL: a shop's own rival by its name, tried when the settings are read."""

from __future__ import annotations

import pytest

from kairos.config.settings import load
from kairos.config.settings_table import rows
from kairos.config.sources import given
from kairos.errors import SettingsError
from models.churn.rival import standard
from tests.models.churn import rivals

NAME = "KAIROS_CHURN_RIVAL"
HERE = rivals.__name__


@pytest.mark.parametrize("name", ["followed", "counted"])
def test_it_is_what_the_name_says(name: str) -> None:
    assert load({NAME: f"{HERE}:{name}"}).shop.churn_rival is getattr(rivals, name)  # type: ignore[attr-defined]


def test_without_one_it_is_rivers_logistic_regression_and_off_is_none() -> None:
    assert load({}).shop.churn_rival is standard  # type: ignore[attr-defined]
    assert load({NAME: "off"}).shop.churn_rival is None  # type: ignore[attr-defined]


@pytest.mark.parametrize("value", ["off", f"{HERE}:followed", "models.churn.rival:standard"])
def test_it_is_shown_as_it_is_written(value: str) -> None:
    assert [row.value for row in rows(given({NAME: value})) if row.name == NAME] == [value]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("nowhere:make", "expected MODULE:FUNCTION that can be imported, or off: No module named 'nowhere'"),
        (f"{HERE}:missing", "has no attribute 'missing'"),
        (HERE, "expected MODULE:FUNCTION"),
        (":make", "expected MODULE:FUNCTION"),
        (f"{HERE}:failing", "no such luck"),
        (f"{HERE}:scaled", "made a StandardScaler, which is no classifier of River"),
        (f"{HERE}:Decided", "made a Decided, which predicts no probabilities"),
        (f"{HERE}:grown", "model.classes is a set: only numbers"),
        (f"{HERE}:nameless", "its description has an address in it"),
        (f"{HERE}:normal", r"model.gaussians\[.*_rng is a Random: only numbers"),
        (f"{HERE}:Drawing", "does not predict the same once its state was stored"),
    ],
)
def test_what_is_not_fit_is_refused(value: str, why: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{NAME}={value}: .*{why}"):
        load({NAME: value})
