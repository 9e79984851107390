"""What is said and known of small shops is what the recorded digests say (all shops: ``python -m tests.golden``)."""

from __future__ import annotations

import json

import pytest

from tests.golden import RECORDED, SMALL, digests


@pytest.mark.parametrize(
    "shop", ["example", *(pytest.param(f"simulated-{seed}", marks=pytest.mark.slow) for seed in (1, 2))]
)
def test_what_is_said_and_known_is_as_recorded(shop: str) -> None:
    recorded = json.loads(RECORDED.read_text())
    found = dict(digests({shop: SMALL[shop]}))
    assert found == {name: recorded[name] for name in found}
