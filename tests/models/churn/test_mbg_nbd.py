"""MBG/NBD beside the form of the literature that the model bench has, fitted by another search; and drawn histories."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.models import closed_forms, fitting
from bench.models import purchases as bench
from models.churn.mbg_nbd import Histories as Buyers
from models.churn.mbg_nbd import MbgNbd, fitted, log_likelihood
from models.orders.buying import Buying


def drawn(seed: int, n: int = 1_500, r: float = 0.6, alpha: float = 50.0, a: float = 0.8, b: float = 1.2) -> Buyers:
    """What buyers do by the model's own story."""
    rng = np.random.default_rng(seed)
    rows = []
    for rate, leaves, known in zip(rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n), rng.uniform(30, 400, n), strict=True):
        now, repeats, last = 0.0, 0, 0.0
        while rng.random() > leaves and (now := now + rng.exponential(1 / rate)) <= known:
            repeats, last = repeats + 1, now
        rows.append((repeats, last, known))
    return Buyers(*(np.array(column, dtype=float) for column in zip(*rows, strict=True)))


def in_weeks(buyers: Buyers) -> bench.Histories:
    return bench.Histories(buyers.x, buyers.tx / 7, buyers.T / 7)


def as_array(form: MbgNbd, scale: float = 1.0) -> tuple[float, float, float, float]:
    return form.r, form.alpha / scale, form.a, form.b


@pytest.mark.parametrize("seed", range(3))
def test_it_fits_as_another_search_does(seed: int) -> None:
    buyers = drawn(seed)
    wanted = fitting.fit(closed_forms.MBG_NBD, in_weeks(buyers))
    found = fitted(buyers, MbgNbd())
    likelihood = closed_forms.mbg_nbd(as_array(found, 7.0), in_weeks(buyers)).sum()
    assert likelihood == pytest.approx(wanted.log_likelihood, abs=0.2)  # beside what is believed beforehand
    assert fitted(buyers, found) == found or fitted(buyers, found).r == pytest.approx(found.r, rel=0.02)
    mine = [found.p_order(int(x), tx, T, 30.0) for x, tx, T in zip(*buyers, strict=True)]
    theirs = wanted.p_order(in_weeks(buyers), 30.0)
    assert np.abs(np.array(mine) - theirs).max() < 0.02


@given(
    st.integers(0, 60),
    st.floats(0, 1),
    st.floats(1, 900),
    st.tuples(st.floats(0.05, 5), st.floats(1, 400), st.floats(0.05, 5), st.floats(0.05, 5)),
    st.floats(1, 200),
)
def test_it_predicts_what_the_ratio_of_likelihoods_does(
    x: int, share: float, known: float, parameters: tuple[float, float, float, float], days: float
) -> None:
    """1 − L(x, tx, T + h) / L(x, tx, T): exact, by other code."""
    tx = share * known if x else 0.0
    history = bench.Histories(np.array([float(x)]), np.array([tx]), np.array([known]))
    later = history._replace(T=history.T + days)
    ratio = closed_forms.mbg_nbd(parameters, later) - closed_forms.mbg_nbd(parameters, history)
    assert MbgNbd(*parameters).p_order(x, tx, known, days) == pytest.approx(-np.expm1(ratio[0]), abs=1e-9)
    mine, _ = log_likelihood(np.array(parameters), Buyers(*history))
    assert mine[0] == pytest.approx(closed_forms.mbg_nbd(parameters, history)[0], rel=1e-9, abs=1e-9)


def test_gradients_are_those_of_the_likelihood() -> None:
    buyers, logs, h = drawn(5, 40), np.log([0.7, 40.0, 0.9, 1.3]), 1e-6
    _, gradients = log_likelihood(np.exp(logs), buyers)
    for i in range(4):
        up, down = (log_likelihood(np.exp(logs + turn * h * np.eye(4)[i]), buyers)[0] for turn in (1, -1))
        assert gradients[i] == pytest.approx((up - down) / (2 * h), abs=1e-5)


@given(st.lists(st.tuples(st.integers(0, 3_000), st.floats(0, 1), st.floats(0, 40_000)), min_size=1, max_size=8))
def test_whatever_buyers_do_parameters_are_finite_and_so_are_predictions(rows: list[tuple[int, float, float]]) -> None:
    buyers = Buyers(
        np.array([float(x) for x, _, _ in rows]),
        np.array([share * known if x else 0.0 for x, share, known in rows]),
        np.array([known for *_, known in rows]),
    )
    found = fitted(buyers, MbgNbd())
    assert all(1e-8 < value < 1e9 for value in as_array(found))
    for x, tx, known in zip(*buyers, strict=True):
        assert 0.0 <= found.p_order(int(x), tx, known, 14.0) <= 1.0


def test_along_the_path_it_is_what_it_says_of_the_whole_time() -> None:
    """Nobody knows more by asking step by step: Π (1 − p) over steps is 1 − P(order in all of them)."""
    form, buying = MbgNbd(0.5, 60.0, 0.9, 1.4), Buying()
    for day in (0.0, 20.0, 45.0):
        buying.learn_one(day, 20.0, 1)
    left = 1.0
    for k in range(7):
        left *= 1.0 - 1.0 / (1.0 + np.exp(-form.log_odds((), buying, 80.0 + 14.0 * k)))
    assert 1.0 - left == pytest.approx(form.p_order(2, 45.0, 80.0, 98.0), rel=1e-9)
