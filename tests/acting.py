"""Settings of the gate for tests that are about something else."""

from __future__ import annotations

from models.kernel.settings import MINUTE

ONCE = {"KAIROS_CART_STEPS": "30m", "KAIROS_HOLDOUT": "0", "KAIROS_MESSAGE_CAP": "0"}
"""Every cart is reminded of once, as often as one is left, and nobody is held out."""
AT_ONCE = {**ONCE, "KAIROS_IDLE": "0s"}
"""And half an hour after it was left, whatever its shopper does meanwhile."""
PLAIN = {"cart_steps": (30 * MINUTE,), "idle": 0, "message_cap": 0, "holdout": 0.0}
"""The same as settings of the shop."""
