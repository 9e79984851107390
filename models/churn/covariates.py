"""The twelve covariates of the churn model: one buyer's own orders, judged beside the shop's level.

Each is the answer at a moment up to which nothing was bought since the newest occasion. So those of later moments are
known in advance, as long as nothing is bought (`models.churn.rollout`): some age, the others stay.

The numpy form is for many buyers at once, with the same formulas; below some eight buyers plain Python is faster.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, expm1, log, log1p, sqrt
from struct import Struct
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from msgspec.structs import astuple
from numpy.typing import NDArray

from models.churn.level import Level
from models.learners.shrunk_mean import ShrunkMean

if TYPE_CHECKING:
    from models.orders.buying import Buying

STEP = 14.0
"""Days of one step of the hazard, and until a label is mature."""
LONGEST = 36_500.0
"""A longer time (days) counts as this one."""
COVARIATES = (
    "one",  # the constant
    "log_recency",  # log(1 + days since the newest occasion)
    "log_rate90",  # log of repeats a day, decayed with a half-life of 90 days, shrunk to the shop's rate
    "log_f14",  # log(1 + repeats decayed with a half-life of 14 days)
    "first_only",  # 1 if there is one occasion only
    "first_only_recency",  # then log_recency - 3
    "own_hazard",  # log odds that a gap of this buyer's kind, not over by now, ends within a step
    "overdue",  # standard deviations of the log gap past its mean, beyond the first one
    "log_repeats",  # log(1 + repeats)
    "amount_mean",  # mean log amount less the shop's, shrunk to it
    "amount_last",  # log amount of the newest occasion less the shop's mean; 0 where not known
    "items_last",  # log number of items of the newest occasion less the shop's mean; 0 where not known
)

LN2 = log(2.0)
RATE_PRIOR, GAP_PRIOR, SPREAD_PRIOR, AMOUNT_PRIOR = 0.5, 1.0, 3.0, 2.0
"""How many of the buyer's own observations the shop's level is worth: in the rate, the mean and the variance of the log
gap, and the mean log amount."""
LOGISTIC = 1.7
"""Scale at which a logistic distribution is close to a normal one."""
FADES90 = -LN2 / 90.0
"""Logarithm of what a day leaves, with a half-life of 90 days."""
SEEN90 = 90.0 / LN2
"""Days of a half-life of 90 days that weigh in all, if a buyer is known for ever."""

_float16 = Struct(f"<{len(COVARIATES) - 1}e")
FLOAT16 = 65_504.0
"""The largest number that a float16 can be."""


class Standing(NamedTuple):
    """What stays the same of a buyer's covariates as long as nothing is bought, at a level of the shop."""

    mean: float
    deviation: float
    """Of the buyer's log gap, shrunk to the shop's."""
    exposure: float
    """Days that the shop's rate is worth."""
    first_only: float
    log_repeats: float
    amount_mean: float
    amount_last: float
    items_last: float


def standing(buying: Buying, level: Level) -> Standing:
    """What stays the same of the covariates of a buyer with one or more occasions."""
    weight, total = buying.gap_weight, buying.gap_sum
    spread = buying.gap_squares - total * total / weight if weight else 0.0
    variance = (SPREAD_PRIOR * level.gap_sd * level.gap_sd + max(0.0, spread)) / (SPREAD_PRIOR + weight)
    repeats = buying.repeats
    return Standing(
        (GAP_PRIOR * level.gap_mean + total) / (GAP_PRIOR + weight),
        sqrt(variance),
        RATE_PRIOR / level.rate,
        0.0 if repeats else 1.0,
        log1p(repeats),
        ShrunkMean(AMOUNT_PRIOR, buying.priced, buying.amounts).predict_one(level.amount) - level.amount,
        buying.amount - level.amount if buying.amount >= 0.0 else 0.0,
        buying.items - level.items if buying.items >= 0.0 else 0.0,
    )


def aged(buying: Buying, stays: Standing, now: float) -> tuple[float, ...]:
    """The covariates at `now` (days since 1970) of a buyer whose unchanging part is known."""
    # Bounds are written out: `min` and `max` would take half of the time of a path.
    mean, deviation, exposure, first_only, log_repeats, amount_mean, amount_last, items_last = stays
    since, known = now - buying.last, now - buying.first
    since = 0.0 if since < 0.0 else LONGEST if since > LONGEST else since
    known = 0.0 if known < 0.0 else LONGEST if known > LONGEST else known
    recency = log1p(since)
    beyond = (recency - mean) / deviation
    odds, later = LOGISTIC * beyond, LOGISTIC * (log1p(since + STEP) - mean) / deviation
    odds, later = exp(odds if odds < 40.0 else 40.0), exp(later if later < 40.0 else 40.0)
    due = 1.0 - (1.0 + odds) / (1.0 + later)
    due = 1e-4 if due < 1e-4 else 1.0 - 1e-4 if due > 1.0 - 1e-4 else due
    rate = (RATE_PRIOR + buying.f90 * 2.0 ** (since / -90.0)) / (exposure - SEEN90 * expm1(known * FADES90))
    return (
        1.0,
        recency,
        log(rate),
        log1p(buying.f14 * 2.0 ** (since / -14.0)),
        first_only,
        first_only * (recency - 3.0),
        log(due / (1.0 - due)),
        beyond - 1.0 if beyond > 1.0 else 0.0,
        log_repeats,
        amount_mean,
        amount_last,
        items_last,
    )


def covariates(buying: Buying, now: float, level: Level) -> tuple[float, ...]:
    """The twelve covariates of a buyer with one or more occasions: finite, and never beyond ±128.

    Parameters
    ----------
    buying
        The buyer's occasions.
    now
        Days since 1970. Before the newest occasion counts as at it.
    level
        The shop's; it stays that of the real day, also where `now` lies ahead.

    >>> from models.orders.buying import Buying
    >>> buying = Buying()
    >>> for day in (0, 30, 60): buying.learn_one(day, 20.0, 1)
    >>> x = dict(zip(COVARIATES, covariates(buying, 80.0, Level(amount=3.0)), strict=True))
    >>> round(x["log_recency"], 3), round(x["own_hazard"], 3), x["first_only"], round(x["amount_last"], 3)
    (3.045, -0.476, 0.0, 0.045)
    """
    return aged(buying, standing(buying, level), now)


class Columns(NamedTuple):
    """Buyers as columns: their fields, shape (13, n), and the unchanging part of their covariates, n numbers each."""

    fields: NDArray[np.float64]
    stays: tuple[Any, ...]


def columns(buyers: Sequence[Buying], level: Level) -> Columns:
    """Buyers with one or more occasions each as columns."""
    fields = np.array([astuple(buying) for buying in buyers], dtype=np.float64).T
    _, _, occasions, _, _, _, weight, total, squares, priced, amounts, amount, items = fields
    spread = np.maximum(0.0, squares - total * total / np.maximum(weight, 1e-9))
    variance = (SPREAD_PRIOR * level.gap_sd * level.gap_sd + spread) / (SPREAD_PRIOR + weight)
    repeats = np.maximum(occasions - 1.0, 0.0)
    stays = (
        (GAP_PRIOR * level.gap_mean + total) / (GAP_PRIOR + weight),
        np.sqrt(variance),
        RATE_PRIOR / level.rate,
        (repeats == 0.0).astype(np.float64),
        np.log1p(repeats),
        (AMOUNT_PRIOR * level.amount + amounts) / (AMOUNT_PRIOR + priced) - level.amount,
        np.where(amount >= 0.0, amount - level.amount, 0.0),
        np.where(items >= 0.0, items - level.items, 0.0),
    )
    return Columns(fields, stays)


def aged_many(buyers: Columns, now: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """The covariates at `now`, one moment for all or one for each: shape (n, 12)."""
    first, last, _, f14, f90, *_ = buyers.fields
    mean, deviation, exposure, first_only, *stays = buyers.stays
    since, known = np.clip(now - last, 0.0, LONGEST), np.clip(now - first, 0.0, LONGEST)
    recency = np.log1p(since)
    beyond = (recency - mean) / deviation
    odds = np.exp(np.minimum(LOGISTIC * beyond, 40.0))
    later = np.exp(np.minimum(LOGISTIC * (np.log1p(since + STEP) - mean) / deviation, 40.0))
    due = np.clip(1.0 - (1.0 + odds) / (1.0 + later), 1e-4, 1.0 - 1e-4)
    x = np.empty((len(COVARIATES), len(last)))
    x[0] = 1.0
    x[1] = recency
    x[2] = np.log((RATE_PRIOR + f90 * np.exp2(since / -90.0)) / (exposure - SEEN90 * np.expm1(known * FADES90)))
    x[3] = np.log1p(f14 * np.exp2(since / -14.0))
    x[4] = first_only
    x[5] = first_only * (recency - 3.0)
    x[6] = np.log(due / (1.0 - due))
    x[7] = np.maximum(0.0, beyond - 1.0)
    for i, column in enumerate(stays, 8):
        x[i] = column
    return x.T


def covariates_many(buyers: Sequence[Buying], now: float | NDArray[np.float64], level: Level) -> NDArray[np.float64]:
    """The covariates of many buyers, shape (n, 12), equal to those of `covariates` up to rounding."""
    return aged_many(columns(buyers, level), now)


def pack(x: Sequence[float]) -> bytes:
    """The covariates as little-endian float16, 22 bytes: all but the constant, which goes without saying.

    >>> len(pack((1.0, *[0.1] * 11))), unpack(pack((1.0, *[0.5] * 11))) == (1.0, *[0.5] * 11)
    (22, True)
    """
    return _float16.pack(*[min(max(value, -FLOAT16), FLOAT16) for value in x[1:]])


def unpack(packed: bytes) -> tuple[float, ...]:
    """The twelve covariates of `pack`'s bytes, each to 11 significant bits."""
    return (1.0, *_float16.unpack(packed))
