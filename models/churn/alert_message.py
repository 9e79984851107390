"""The messages of churn alerts, and their topic."""

from __future__ import annotations

from typing import Literal

from models.kernel.outputs import ARM, CHANNELS, CURRENCY, EXPIRES_AT, RETRACT, Arm, Output, OutputTopic


class ChurnAlert(Output, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A buyer may not come back, or is back."""

    kind: Literal["raised", "suppressed", "cleared"]
    last_order: int
    overdue_ratio: float
    expected_next_order: int
    value_at_stake: int
    currency: str
    model: str
    risk: float | None = None
    risk_after_order: float | None = None
    horizon_days: int | None = None
    reasons: tuple[str, ...] = ()
    provisional: bool = False
    arm: Arm | None = None
    channels: tuple[str, ...] = ()
    expires_at: int | None = None
    retract: tuple[str, ...] = ()


CHURN_ALERTS = OutputTopic(
    "churn-alerts",
    ChurnAlert,
    "where churn alerts go",
    "CHURN",
    needed={"raised": ["arm", "expires_at"], "suppressed": ["arm"], "cleared": ["retract"]},
    fields={
        "last_order": {"description": "The newest valid order: event time, ms."},
        "overdue_ratio": {"description": "Time since the last order, in usual gaps."},
        "expected_next_order": {
            "description": "When the next order is expected: event time, ms. By the model the time by which it comes "
            "with half the probability of coming within the horizon; by the overdue rule last order plus usual gap."
        },
        "value_at_stake": {
            "description": "Whole minor units. By the model what the shopper was expected to spend in the year after "
            "the last order; by the overdue rule what the shopper spent, decayed."
        },
        "currency": CURRENCY,
        "model": {
            "description": "Who judges: `model/<date>` (the hazard), `model/<date>/<who else>`, or the overdue rule."
        },
        "risk": {
            "description": "By the model: P(no order within the horizon).",
            "minimum": 0,
            "maximum": 1,
        },
        "risk_after_order": {
            "description": "By the model: the same as it was right after the last order.",
            "minimum": 0,
            "maximum": 1,
        },
        "horizon_days": {"description": "By the model: the horizon of the risk.", "minimum": 1},
        "reasons": {
            "description": "By the model: what raises the risk, the shopper's numbers beside the shop's.",
            "maxItems": 3,
        },
        "provisional": {"description": "The model has not beaten its baseline in this shop yet."},
        "arm": ARM,
        "channels": CHANNELS,
        "expires_at": EXPIRES_AT,
        "retract": RETRACT,
    },
)
