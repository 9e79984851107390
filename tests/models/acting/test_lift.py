"""What the counts of an experiment say: when something is said at all, which way, and how many more trials it takes."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.acting.lift import Arms, Tally, experiments, lift
from models.acting.planning import more_trials, planned
from models.acting.rate_ratio import log_e_value

SHARES = st.integers(10, 500).map(lambda permille: permille / 1000)


@st.composite
def tallies(draw: st.DrawFn, most: int = 100_000) -> Tally:
    begun = draw(st.integers(0, most))
    return Tally(begun, draw(st.integers(0, begun)))


ARMS = st.builds(Arms, tallies(), tallies())


@pytest.mark.parametrize(
    ("treated", "holdout", "missing"),
    [
        (Tally(), Tally(), (25, 5)),
        (Tally(900, 20), Tally(100, 4), (1, 1)),
        (Tally(900, 19), Tally(100, 5), (1, 0)),
        (Tally(900, 21), Tally(100, 4), (0, 1)),
        (Tally(900, 20), Tally(100, 5), (0, 0)),
    ],
)
def test_nothing_is_told_before_25_conversions_five_of_them_held_out(
    treated: Tally, holdout: Tally, missing: tuple[int, int]
) -> None:
    found = lift(Arms(treated, holdout), 0.1)
    assert (found.conversions_needed, found.holdout_needed) == missing
    assert (found.verdict == "early") == any(missing)
    assert (found.relative is None) == (found.points_interval is None) == (found.planned is None) == any(missing)
    assert found.treated_rate == (treated.converted / treated.begun if treated.begun else None)


def test_by_hand() -> None:
    """6.5 % of 90,000 against 5 % of 10,000: 30 % more, 1.5 points."""
    found = lift(Arms(Tally(90_000, 5_850), Tally(10_000, 500)), 0.1)
    assert (found.verdict, found.trials_needed) == ("helps", 0)
    assert (found.relative, found.points) == (pytest.approx(0.3), pytest.approx(0.015))
    assert found.relative_interval is not None
    assert found.relative_interval[1] is not None
    assert 0.05 < found.relative_interval[0] < 0.3 < found.relative_interval[1] < 0.6
    assert found.points_interval is not None
    assert 0.005 < found.points_interval[0] < 0.015 < found.points_interval[1] < 0.025
    assert found.p_value == pytest.approx(1 / found.e_value)
    against = lift(Arms(Tally(90_000, 4_000), Tally(10_000, 600)), 0.1)
    assert (against.verdict, against.trials_needed) == ("harms", 0)


@given(ARMS, SHARES)
def test_the_verdict_is_where_the_interval_leaves_zero_and_the_p_value_says_the_same(arms: Arms, share: float) -> None:
    found = lift(arms, share)
    assume(found.relative_interval is not None)
    assert found.relative_interval is not None
    low, high = found.relative_interval
    expected = "helps" if low > 0 else "harms" if high is not None and high < 0 else "open"
    assert found.verdict == expected
    assert (found.p_value <= 0.05) == (found.verdict != "open") == (found.trials_needed == 0)


@given(st.integers(1, 5_000), st.floats(-2, 2), st.integers(0, 10**6), SHARES)
def test_so_many_more_trials_decide_and_half_of_them_do_not(
    conversions: int, errors: float, others: int, share: float
) -> None:
    """From arms that are so many standard errors from no effect."""
    shift = errors * (conversions * share * (1 - share)) ** 0.5
    holdout = min(conversions, max(0, round(conversions * share + shift)))
    treated, trials = conversions - holdout, conversions + others
    more = more_trials(treated, holdout, trials, share, 0.05)
    assert more is not None
    ratio = 1 + planned(treated, holdout, share)
    q = ratio * (1 - share) / (ratio * (1 - share) + share)

    def decided(further: float) -> bool:
        come = further * conversions / trials
        return log_e_value(treated + come * q, holdout + come * (1 - q), share) >= 2.9957

    assert decided(more)
    assert not decided(more / 2) or more < 20


@given(st.integers(0, 10_000), st.integers(0, 10_000), SHARES)
def test_a_lift_is_planned_that_matters_and_less_than_was_seen(treated: int, holdout: int, share: float) -> None:
    found = planned(treated, holdout, share)
    assert abs(found) >= 0.2
    if holdout:
        seen = treated / holdout * share / (1 - share) - 1
        assert abs(found) <= max(0.2, abs(seen)) + 1e-9


def test_experiments_with_other_shares_stand_apart() -> None:
    arms = {permille: Arms(Tally(9 * permille, permille), Tally(permille, 1)) for permille in (50, 100, 200)}
    found = experiments({"carts": arms, "winback": {100: arms[100]}}, 0.2)
    assert [(each.programme, each.permille, each.running) for each in found] == [
        ("carts", 200, True),
        ("carts", 50, False),
        ("carts", 100, False),
        ("churn", 200, True),
        ("winback", 200, True),
        ("winback", 100, False),
    ]
    assert [each.arms for each in found[:3]] == [arms[200], arms[50], arms[100]]
    assert found[3].arms == Arms()
    assert found[2].lift == lift(arms[100], 0.1)
    assert [each.running for each in experiments({"carts": arms}, 0)] == [False, False, False]
