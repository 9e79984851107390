"""Closed forms: the published fit; likelihoods by integrals; predictions in simulated shops."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import gammaln
from scipy.stats import beta, gamma

from bench.models.closed_forms import BG_NBD, CLOSED_FORMS, MBG_NBD, PARETO_NBD, ClosedForm, Parameters
from bench.models.data_sets import CDNOW, SAMPLE, cdnow_orders
from bench.models.fitting import Fitted, fit
from bench.models.purchases import Floats, Histories, Purchases

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
GIVEN: dict[str, Parameters] = {
    "BG/NBD": (0.6, 5.0, 0.8, 2.0),
    "MBG/NBD": (0.6, 5.0, 0.8, 2.0),
    "Pareto/NBD": (0.6, 9.0, 0.7, 5.0),
}
HISTORIES = [(0, 0.0, 3.0), (0, 0.0, 30.0), (1, 2.0, 2.5), (3, 11.0, 30.0), (8, 29.0, 30.0)]


def histories(*buyers: tuple[float, float, float]) -> Histories:
    return Histories(*(np.array(values, float) for values in zip(*buyers, strict=True)))


@pytest.mark.skipif(not (DATA / SAMPLE).exists(), reason="the data set cdnow is not here")
def test_bg_nbd_on_the_sample_of_cdnow_is_as_published() -> None:
    """Fader, Hardie and Lee (2005), table 1: r .243, α 4.414, a .793, b 2.426, log likelihood -9582.4."""
    purchases = Purchases(cdnow_orders(DATA / SAMPLE), CDNOW.at(0))
    buyers = purchases.buyers(CDNOW.cut)
    found = fit(BG_NBD, purchases.histories(buyers, CDNOW.cut))
    assert len(buyers) == 2_357
    assert [f"{value:.3f}" for value in found.parameters] == ["0.243", "4.414", "0.793", "2.426"]
    assert f"{found.log_likelihood:.1f}" == "-9582.4"
    assert found.degenerate == ""


def of_each(model: ClosedForm, x: int, tx: float, T: float, rate: Floats, drop: Floats) -> Floats:
    """The likelihood of a history, given a buyer's own rate and probability (or rate) of dropping out."""
    if model is PARETO_NBD:
        both = rate + drop
        return rate**x * (drop / both * np.exp(-both * tx) + rate / both * np.exp(-both * T))
    first = 0 if model is BG_NBD else 1  # whether one may drop out after the first purchase
    stays = (1 - drop) ** (x + first) * rate**x * np.exp(-rate * T)
    chances = x + first
    return stays + (drop * (1 - drop) ** (chances - 1) * rate**x * np.exp(-rate * tx) if chances else 0.0)


def quantiles(distribution: Any, points: int = 400) -> tuple[Floats, Floats]:
    """Values that stand for a distribution, and how much each of them does: closer and closer towards both ends."""
    nodes, weights = np.polynomial.legendre.leggauss(points)
    u = (nodes + 1) / 2
    return distribution.ppf(u**3 * (10 - 15 * u + 6 * u**2)), weights * 15 * u**2 * (1 - u) ** 2


@pytest.mark.parametrize("history", HISTORIES)
@pytest.mark.parametrize("model", CLOSED_FORMS, ids=lambda model: model.name)
def test_a_likelihood_is_the_mean_over_all_buyers_that_there_may_be(
    model: ClosedForm, history: tuple[int, float, float]
) -> None:
    """By numeric integration over the quantiles of both mixing distributions."""
    r, alpha, s, other = GIVEN[model.name]
    rates, of_rates = quantiles(gamma(r, scale=1 / alpha))
    drops, of_drops = quantiles(gamma(s, scale=1 / other) if model is PARETO_NBD else beta(s, other))
    mean = of_rates @ of_each(model, *history, rates[:, None], drops[None, :]) @ of_drops
    (found,) = model.log_likelihood(GIVEN[model.name], histories(history))
    assert found == pytest.approx(math.log(mean), abs=1e-6)


def test_dropout_of_pareto_nbd_after_many_purchases() -> None:
    """Against an adaptive integral over the moment of dropout, where that has all its weight at the beginning."""
    parameters = r, alpha, s, other = (0.6, 2.0, 0.7, 30.0)
    x, tx, T = 40, 10.0, 300.0
    dropped, _ = quad(
        lambda u: s * ((alpha + tx) / (alpha + u)) ** (r + x) * (other + u) ** -(s + 1),
        tx,
        T,
        epsabs=0,
        points=[11, 20],
    )
    active = ((alpha + tx) / (alpha + T)) ** (r + x) * (other + T) ** -s
    scale = gammaln(r + x) - gammaln(r) + r * math.log(alpha) + s * math.log(other) - (r + x) * math.log(alpha + tx)
    (found,) = PARETO_NBD.log_likelihood(parameters, histories((x, tx, T)))
    assert found == pytest.approx(scale + math.log(active + dropped), abs=1e-9)


def test_a_parameter_at_its_bound_is_no_fit() -> None:
    assert Fitted(BG_NBD, (0.5, math.exp(7), 1.0, 2.0), 0.0).degenerate == "α at its bound"
    assert Fitted(BG_NBD, (0.5, 9.0, 0.001, 2.0), 0.0).degenerate == "no dropout"
    assert Fitted(BG_NBD, (0.5, 9.0, 1.0, 2.0), 0.0).degenerate == ""


def simulated(model: ClosedForm, buyers: int, weeks: float, seed: int) -> tuple[Histories, np.ndarray]:
    """Histories of `weeks` by the story of a model, and who purchases in the 10 weeks after."""
    draw = np.random.default_rng(seed)
    r, alpha, s, other = GIVEN[model.name]
    found, later = [], []
    for _ in range(buyers):
        rate, born = draw.gamma(r) / alpha, draw.random() * weeks / 2
        chance = draw.beta(s, other) if model is not PARETO_NBD else 0.0
        ends = born + draw.exponential(other / draw.gamma(s)) if model is PARETO_NBD else math.inf
        if model is MBG_NBD and draw.random() < chance:
            ends = born
        times = [born]
        while (at := times[-1] + draw.exponential(1 / rate)) < min(ends, weeks + 10):
            times.append(at)
            if draw.random() < chance:
                ends = at
        seen = [at for at in times if at <= weeks]
        found.append((len(seen) - 1.0, seen[-1] - born, weeks - born))
        later.append(len(times) > len(seen))
    return histories(*found), np.array(later)


@pytest.mark.slow
@pytest.mark.parametrize("model", CLOSED_FORMS, ids=lambda model: model.name)
def test_in_a_shop_that_lives_by_the_model_the_fit_predicts_who_purchases(model: ClosedForm) -> None:
    buyers, later = simulated(model, 6_000, 40.0, seed=5)
    found = fit(model, buyers)
    assert found.degenerate == ""
    assert found.log_likelihood >= model.log_likelihood(GIVEN[model.name], buyers).sum()
    p = found.p_order(buyers, 70)
    for part in np.array_split(np.argsort(p, kind="stable"), 5):
        expected, deviation = p[part].mean(), math.sqrt((p[part] * (1 - p[part])).sum()) / len(part)
        assert later[part].mean() == pytest.approx(expected, abs=4 * deviation)


@pytest.mark.parametrize("model", CLOSED_FORMS, ids=lambda model: model.name)
def test_where_nobody_drops_out_the_fit_is_degenerate(model: ClosedForm) -> None:
    draw = np.random.default_rng(3)
    rates = draw.gamma(2.0, 0.2, 2_000)
    times = [np.sort(draw.random(draw.poisson(rate * 40.0))) * 40.0 for rate in rates]
    buyers = histories(*((len(own), own[-1] if len(own) else 0.0, 40.0) for own in times))
    assert fit(model, buyers).degenerate != ""


@given(
    st.sampled_from(CLOSED_FORMS),
    st.tuples(*[st.floats(-3, 4).map(math.exp)] * 4),
    st.integers(0, 500),
    st.floats(0, 100),
    st.floats(0, 100),
    st.floats(1, 400),
)
def test_a_probability_is_one_and_grows_with_the_horizon(
    model: ClosedForm, parameters: Parameters, x: int, tx: float, rest: float, days: float
) -> None:
    """Also with hundreds of purchases, for which the terms themselves overflow."""
    buyer = histories((x, tx if x else 0.0, tx + rest))
    fitted = Fitted(model, parameters, 0.0)
    (soon,), (late,) = fitted.p_order(buyer, days), fitted.p_order(buyer, 2 * days)
    assert 0 <= soon <= late + 1e-9 <= 1 + 1e-9


def test_without_buyers_there_is_nothing_to_fit() -> None:
    with pytest.raises(ValueError, match="no buyers"):
        fit(BG_NBD, Histories(np.empty(0), np.empty(0), np.empty(0)))
