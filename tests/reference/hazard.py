"""The churn model, restated in numpy: whole arrays of buyers, matrices solved as they stand.

A row is a buyer. Nothing looks ahead: `Shoppers.order` is called in the order of days, labels are learned when they are
known. Beside the engine it is slow, and it works in floats where the engine adds integers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rows = NDArray[np.intp]

STEP = 14.0
HALF_LIVES = np.array([14.0, 90.0, 365.0])


class Shop(NamedTuple):
    """What is pooled over the shop: repeats a buyer and day, mean and sd of log gaps, mean log amount and log items."""

    rate: float = 0.5 / 90
    gap_mean: float = float(np.log(30))
    gap_sd: float = 1.0
    amount: float = 0.0
    items: float = 0.0


class Shoppers:
    """Statistics of `n` buyers, and of the shop they are in."""

    def __init__(self, n: int) -> None:
        self.first, self.last = np.zeros(n), np.zeros(n)
        self.occasions = np.zeros(n)
        self.decayed = np.zeros((3, n))  # repeats by half-life, as of `last`
        self.gap_n, self.gap_sum, self.gap_squares = np.zeros(n), np.zeros(n), np.zeros(n)
        self.amounts, self.amount, self.items = np.zeros(n), np.zeros(n), np.zeros(n)
        self.all_gaps: list[Array] = []
        self.all_amounts: list[Array] = []
        self.all_items: list[Array] = []

    def order(self, who: Rows, day: float, amount: Array, items: Array) -> None:
        """One occasion each of distinct buyers, on a day."""
        again, new = who[self.occasions[who] > 0], who[self.occasions[who] == 0]
        gap = day - self.last[again]
        log_gap = np.log(1 + gap)
        self.decayed[:, again] = self.decayed[:, again] * 0.5 ** (gap / HALF_LIVES[:, None]) + 1
        self.gap_n[again] = 0.9 * self.gap_n[again] + 1
        self.gap_sum[again] = 0.9 * self.gap_sum[again] + log_gap
        self.gap_squares[again] = 0.9 * self.gap_squares[again] + log_gap**2
        self.first[new] = day
        self.last[who] = day
        self.occasions[who] += 1
        self.amount[who], self.items[who] = np.log(1 + amount), np.log(1 + items)
        self.amounts[who] += self.amount[who]
        self.all_gaps.append(log_gap)
        self.all_amounts.append(self.amount[who])
        self.all_items.append(self.items[who])

    def shop(self, day: float) -> Shop:
        """The shop on a day: pooled numbers, beside half a repeat in 90 days and five gaps of 30 days (sd 1)."""
        buyers = self.occasions > 0
        if not buyers.any():
            return Shop()
        gaps = np.concatenate(self.all_gaps)
        n, total, squares = len(gaps) + 5, gaps.sum() + 5 * np.log(30), (gaps**2).sum() + 5 * (np.log(30) ** 2 + 1)
        return Shop(
            float(((self.occasions[buyers] - 1).sum() + 0.5) / ((day - self.first[buyers]).sum() + 90)),
            float(total / n),
            float(np.sqrt(max(squares / n - (total / n) ** 2, 0.04))),
            float(np.concatenate(self.all_amounts).mean()),
            float(np.concatenate(self.all_items).mean()),
        )


def own_gap(s: Shoppers, who: Rows, shop: Shop) -> tuple[Array, Array]:
    """Mean and sd of each one's log gap: one gap of the shop's mean and three of its variance beside the own ones."""
    n, total = s.gap_n[who], s.gap_sum[who]
    spread = np.maximum(0, s.gap_squares[who] - np.divide(total**2, n, out=np.zeros_like(n), where=n > 0))
    return (shop.gap_mean + total) / (1 + n), np.sqrt((3 * shop.gap_sd**2 + spread) / (3 + n))


def covariates(s: Shoppers, who: Rows, now: float, shop: Shop) -> Array:
    """The twelve covariates on day `now` of buyers who bought nothing since their last occasion."""
    since, known, repeats = now - s.last[who], now - s.first[who], s.occasions[who] - 1
    mean, sd = own_gap(s, who, shop)
    recency = np.log(1 + since)
    beyond = (recency - mean) / sd
    # Log-logistic gaps: what share of those that last until now end within a step?
    odds, later = (np.exp(np.minimum(1.7 * z, 40)) for z in (beyond, (np.log(1 + since + STEP) - mean) / sd))
    due = np.clip(1 - (1 + odds) / (1 + later), 1e-4, 1 - 1e-4)
    f14, f90 = (s.decayed[i, who] * 0.5 ** (since / HALF_LIVES[i]) for i in (0, 1))
    seen = 90 / np.log(2) * (1 - 0.5 ** (known / 90))
    once = (repeats == 0).astype(float)
    columns = [
        np.ones(len(who)),
        recency,
        np.log((0.5 + f90) / (0.5 / shop.rate + seen)),
        np.log(1 + f14),
        once,
        once * (recency - 3),
        np.log(due / (1 - due)),
        np.maximum(0, beyond - 1),
        np.log(1 + repeats),
        (2 * shop.amount + s.amounts[who]) / (3 + repeats) - shop.amount,
        s.amount[who] - shop.amount,
        s.items[who] - shop.items,
    ]
    return np.column_stack(columns)


def rates(s: Shoppers, who: Rows, now: float, shop: Shop) -> Array:
    """The fifteen rates that expected numbers of orders are linear in."""
    x = covariates(s, who, now, shop)
    since, known = now - s.last[who], now - s.first[who]
    f14, f90, f365 = s.decayed[:, who] * 0.5 ** (since / HALF_LIVES[:, None])
    recent, once = (lambda half_life: 0.5 ** (since / half_life)), x[:, 4]
    quarter = 90 * np.exp(x[:, 2])
    year = 90 * (0.5 + f365) / (0.5 / shop.rate + 365 / np.log(2) * (1 - 0.5 ** (known / 365)))
    columns = [x[:, 0], f14, f90, f365, quarter, year, recent(14), recent(60), recent(180), once * recent(120), once]
    columns += [1 / (1 + np.exp(-x[:, 6])), year * np.exp(-x[:, 7]), year * recent(180), x[:, 9] * year * recent(180)]
    return np.column_stack(columns)


def sigmoid(z: Array) -> Array:
    """1 / (1 + e^-z)."""
    return 1 / (1 + np.exp(-np.clip(z, -30, 30)))


class Hazard:
    """Bayesian logistic regression, N(m, A⁻¹): a Newton step a day, after a pull back to where it started."""

    def __init__(self, mean: Any, precision: Any, keep: float = 0.995) -> None:
        self.m0, self.A0, self.keep = np.array(mean), np.array(precision), keep
        self.m, self.A = self.m0.copy(), self.A0.copy()

    def predict(self, x: Array) -> Array:
        """P(order within a step) of each row."""
        return sigmoid(x @ self.m)

    def learn(self, x: Array, y: Array, at: Array | None = None) -> None:
        """A day's matured labels. `at` are the weights that each row's step starts from: those after the pull, if none
        are given."""
        precision = self.keep * self.A + (1 - self.keep) * self.A0
        pulled = self.keep * self.A @ self.m + (1 - self.keep) * self.A0 @ self.m0
        z = (x * (np.linalg.solve(precision, pulled) if at is None else at)).sum(axis=1)
        p = sigmoid(z)
        curvature = np.maximum(p * (1 - p), 1e-6)
        self.A = precision + x.T @ np.diag(curvature) @ x
        self.m = np.linalg.solve(self.A, pulled + x.T @ (curvature * z + y - p))


def path(s: Shoppers, who: Rows, now: float, days: float, shop: Shop, predict: Callable[[Array], Array]) -> Array:
    """−log P(no order yet) at now, a step later, ... until `days` have passed, if nothing is bought: a row a step."""
    rows = [np.zeros(len(who))]
    for k in range(int(np.ceil(days / STEP))):
        p = np.clip(predict(covariates(s, who, now + k * STEP, shop)), 1e-7, 1 - 1e-7)
        rows.append(rows[-1] - np.log(1 - p))
    return np.array(rows)


def p_order(path: Array, days: float) -> Array:
    """P(order within `days`): by the path's straight line between its steps."""
    grid = STEP * np.arange(len(path))
    return 1 - np.exp(-np.array([np.interp(days, grid, column) for column in path.T]))


def next_order(path: Array, days: float) -> Array:
    """In how many days half of P(order within `days`) has come about."""
    grid = STEP * np.arange(len(path))
    half = -np.log(1 - p_order(path, days) / 2)
    return np.array([min(np.interp(h, column, grid), days) for h, column in zip(half, path.T, strict=True)])
