"""What the context of a call says: its shopper's time zone, the device, the channel. Most shoppers have habits."""

from __future__ import annotations

from random import Random
from typing import Any

ZONES = (None, "Europe/Berlin", "Asia/Kolkata", "America/New_York", "Pacific/Kiritimati", "Mars/Olympus", "")
DEVICES = (None, "mobile", "desktop", "Tablet", "tv", "console", "car", "watch-" * 9)
MEDIUMS = (None, "email", "CPC", "organic", "social", "affiliate", "display", "tv", "推广" * 20)
SOURCES = (None, "newsletter", "google")


ODD: tuple[dict[str, Any], ...] = (
    {"timezone": 5, "device": "mobile", "campaign": {"medium": ["x"], "source": "News"}},
    {"timezone": "Asia/Tokyo", "device": {"type": 1}, "campaign": None},
    {"timezone": None, "device": [], "campaign": {"medium": {}, "source": 0}},
)
"""Fields of other types than they should have."""


def context(rng: Random) -> dict[str, Any] | None:
    """Some context."""
    if rng.random() < 0.1:
        return rng.choice([None, *ODD])
    named = {"medium": rng.choice(MEDIUMS), "source": rng.choice(SOURCES)}
    device = {"type": rng.choice(DEVICES)}
    whole: dict[str, Any] = {"timezone": rng.choice(ZONES), "device": device, "campaign": named}
    return {name: value for name, value in whole.items() if rng.random() < 0.9}


class Habits:
    """The usual contexts of shoppers."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.usual: dict[str, dict[str, Any] | None] = {}

    def of(self, user: str) -> dict[str, Any] | None:
        """The shopper's usual one, or now and then another."""
        usual = self.usual.setdefault(user, context(self.rng))
        return context(self.rng) if self.rng.random() < 0.15 else usual

    def change(self, user: str) -> None:
        """From now on another one."""
        self.usual[user] = context(self.rng)
