"""What the page must know of the shop to show it: from the settings, given by whoever starts it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class ShopView(Struct, frozen=True, kw_only=True):
    """The shop.

    Attributes
    ----------
    settings
        The shop's settings (`models.features.ShopSettings`): currency, time zone, horizons, by which profiles are read.
    clock
        ``wall``: event time is the time; ``event``: history, or a demo.
    name
        Stands in the page's title.
    """

    settings: Any
    clock: str = "wall"
    name: str = "Kairos"
