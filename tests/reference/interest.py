"""Interest in categories: the weights of all events about a category, halved with every half-life since."""

from __future__ import annotations

from collections import defaultdict

from models.events import Added, Browsed
from models.settings import Settings
from tests.reference.history import Own, newest

ADDED = 3
"""Weight of putting something of a category into a cart; clicks carry their own."""


def interest(history: list[Own], settings: Settings) -> dict[str, float]:
    """Decayed weight by category, as of the newest own event."""
    last, found = newest(history), defaultdict[str, float](float)
    for own in history:
        if isinstance(own.event, Added | Browsed) and own.event.category:
            weight = ADDED if isinstance(own.event, Added) else own.event.weight
            found[own.event.category] += weight * 0.5 ** ((last - own.e) / settings.interest_half_life)
    return dict(found)
