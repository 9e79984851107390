"""A visit is silent only where the rule about habits would say nothing."""

from __future__ import annotations

from hypothesis import event, given
from hypothesis import strategies as st

from models.habits.families import FAMILIES, Family, evaluate, within_reach
from models.kernel.tags import Key
from models.learners.beta import BetaCounts

COUNTS = st.lists(st.one_of(st.integers(1, 4), st.integers(1, 60)), min_size=1, max_size=8)


@given(family=st.sampled_from(FAMILIES), counts=COUNTS, priors=st.lists(st.floats(0, 1), min_size=8, max_size=8))
def test_out_of_reach_nothing_becomes_a_habit(family: Family, counts: list[int], priors: list[float]) -> None:
    pairs: list[int | str] = [x for kind, n in enumerate(counts) for x in (kind, n)]
    shares: dict[Key, float] = dict(enumerate(priors[: len(counts)]))
    found = evaluate(family, BetaCounts(family.strength, len(counts), pairs), None, shares)
    near = within_reach(family, counts, max(shares.values()))
    event(f"within reach: {near}, a habit: {found.kind is not None}")
    assert near or found.kind is None
