"""Churn, first baseline: a buyer is overdue when the usual gap between purchases has passed several times over."""

from __future__ import annotations

from models.kernel.settings import DAY, Settings
from models.orders.history import Summary

MODEL = "overdue/1"


def overdue_at(summary: Summary, settings: Settings) -> int:
    """When a buyer becomes overdue (ms); 0 where there are too few occasions to know a gap.

    The last order plus `overdue_factor` × the exponentially weighted gap, never less than `overdue_floor`.
    """
    gaps = summary.gaps
    if not summary.valid or gaps.occasions < settings.overdue_occasions:
        return 0
    return summary.last + max(round(settings.overdue_factor * gaps.mean * DAY), settings.overdue_floor)


def overdue_ratio(summary: Summary, now: int) -> float:
    """Time since the last order in usual gaps (0.0 where no gap is known)."""
    gap = summary.gaps.mean * DAY
    return round((now - summary.last) / gap, 2) if gap > 0 else 0.0


def expected_next(summary: Summary) -> int:
    """The last order plus the usual gap (ms)."""
    return summary.last + round(summary.gaps.mean * DAY)
