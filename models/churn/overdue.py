"""The overdue rule: a buyer is overdue when the usual gap between purchases has passed several times over.

It judges where no churn model does: without tables, and before the shop has repeat buyers enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import Struct

from models.kernel.settings import DAY, Setting

if TYPE_CHECKING:
    from models.orders.history import OrderSummary

MODEL = "overdue/1"
"""Its name in alerts."""


class OverdueSettings(Struct, frozen=True):
    """When a buyer is overdue."""

    overdue_factor: Annotated[float, Setting("number", "an order is overdue after this many usual gaps")] = 3.0
    overdue_floor: Annotated[int, Setting("duration", "an order is never overdue before this")] = 7 * DAY
    overdue_occasions: Annotated[int, Setting("positive", "purchase occasions needed for a churn alert")] = 3


def overdue_at(summary: OrderSummary, settings: OverdueSettings) -> int:
    """When a buyer becomes overdue (ms); 0 where there are too few occasions to know a gap.

    The last order plus `overdue_factor` × the exponentially weighted gap, never less than `overdue_floor`.
    """
    gaps = summary.gaps
    if not summary.valid or gaps.occasions < settings.overdue_occasions:
        return 0
    return summary.last + max(round(settings.overdue_factor * gaps.mean * DAY), settings.overdue_floor)


def overdue_ratio(summary: OrderSummary, now: int) -> float:
    """Time since the last order in usual gaps (0.0 where no gap is known)."""
    gap = summary.gaps.mean * DAY
    return round((now - summary.last) / gap, 2) if gap > 0 else 0.0


def expected_next(summary: OrderSummary) -> int:
    """The last order plus the usual gap (ms)."""
    return summary.last + round(summary.gaps.mean * DAY)
