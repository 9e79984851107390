"""What a simulated shop is like: its size, its rates, its faults. Shares are 0 to 1, times in ms since 1970."""

from __future__ import annotations

import msgspec

from models.settings import DAY

START = 1_709_510_400_000
"""2024-03-04T00:00Z, a Monday."""


class ShopSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One shop.

    Attributes
    ----------
    seed
        The same seed gives the same rows.
    shoppers, within
        How many people come for the first time within so many ms; after that they keep coming at this rate.
    start, end
        When the shop opens, and when it closes (None: never). Rows have `start` <= event time < `end`.
    drift
        From this moment on people buy half as often (None: never).
    duplicates, late, out_of_order, bad
        Share of rows delivered twice, an hour or more late, and some seconds out of order; bad rows for each good one.
    """

    seed: int = 7
    shoppers: int = 10_000
    within: int = 90 * DAY
    start: int = START
    end: int | None = None
    drift: int | None = None
    duplicates: float = 0.0
    late: float = 0.0
    out_of_order: float = 0.0
    bad: float = 0.0


CALIBRATED = ShopSettings()
"""Rates as in the real shops, see docs/simulator.md."""

DEMO = ShopSettings(shoppers=1_500)
"""A livelier shop for `kairos demo`; 90 days are its history, which ends with open carts and overdue buyers."""
DEMO_HISTORY = 90 * DAY
