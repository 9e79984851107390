"""What shoppers of random histories allow and refuse, and what their shops decide of messages that ask for action."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from models.kernel.settings import DAY, HOUR, MINUTE

NIGHT, SMALL_HOURS, LONG = (21 * 60, 8 * 60), (2 * 60, 3 * 60 + 30), (9 * 60, 7 * 60)
CHOICES: Mapping[str, tuple[Any, ...]] = {
    "cart_steps": (
        *((30 * MINUTE,), (30 * MINUTE, DAY), (30 * MINUTE, DAY), (10 * MINUTE, 30 * MINUTE)),
        (30 * MINUTE, HOUR, 5 * HOUR, DAY, 3 * DAY),
    ),
    "idle": (0, 30 * MINUTE, 30 * MINUTE, HOUR),
    "idle_on": ("any", "any", "cart"),
    "reminder_valid": (DAY, DAY, 30 * MINUTE, 7 * DAY),
    "message_cap": (0, 1, 2, 2),
    "message_cap_window": (7 * DAY, 7 * DAY, DAY),
    "quiet_hours": ((), (), NIGHT, SMALL_HOURS, LONG),
    "holdout": (0, 0.1, 0.5),
    "channels": (("email",), ("email",), ("email", "sms")),
    "consent_default": ("granted", "granted", "granted", "granted", "denied"),
}


def settings(seed: int) -> dict[str, Any]:
    """What the shop of a history decided."""
    rng = Random(f"settings {seed}")
    return {name: rng.choice(choices) for name, choices in CHOICES.items()}


def event(rng: Random) -> tuple[str, dict[str, Any]]:
    """An event that is about consent, and its properties."""
    many = {channel: rng.random() < 0.5 for channel in rng.sample(["email", "sms", "push", "fax"], rng.randint(1, 3))}
    several = {f"channel-{number}": True for number in range(rng.choice([1, 9]))}
    events: tuple[tuple[str, dict[str, Any]], ...] = (
        ("Consent Updated", {"channel": rng.choice(["email", "sms", None]), "granted": rng.random() < 0.5}),
        ("Consent Updated", {"channels": many}),
        ("Consent Updated", {"channels": several}),
        ("Unsubscribed", {}),
        ("Subscribed", {}),
    )
    return rng.choice(events)


def stated_in(rng: Random, context: dict[str, Any] | None) -> dict[str, Any]:
    """A context that states consent as well."""
    preferences = {"Advertising": rng.random() < 0.7, "Analytics": False}
    stated = rng.choice(
        [{"consent": {"categoryPreferences": preferences}}, {"traits": {"unsubscribed": rng.random() < 0.3}}]
    )
    return {**(context or {}), **stated}
