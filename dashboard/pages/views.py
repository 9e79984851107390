"""The five views: where each is, which answer it shows, and the sections it is made of.

A section is a template of its own, ``templates/<view>/<section>.html``, so that it can be sent alone when it changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from msgspec import Struct

from dashboard.answers import carts, churn, health, now, shoppers
from dashboard.answers.feed import Item
from dashboard.shop import ShopView
from dashboard.snapshot import Snapshot
from dashboard.words import Words
from dashboard.words.catalog import message


class Seen(Struct, frozen=True):
    """What a page is made of: the newest look at Redis (None: none succeeded yet), and the newest outputs."""

    snapshot: Snapshot | None
    feed: Sequence[Item] = ()


class View(NamedTuple):
    """A view.

    Attributes
    ----------
    name
        Folder of its templates, and its name in ``/live/...``.
    path, title
        Where it is, and what it is called.
    sections
        In the order in which they stand on the page.
    answer
        What it shows of a snapshot and the newest outputs.
    """

    name: str
    path: str
    title: str
    sections: tuple[str, ...]
    answer: Callable[[Snapshot, ShopView, Sequence[Item], Words], Any]


VIEWS = {
    view.name: view
    for view in (
        View(
            "now",
            "/",
            message("Now"),
            ("figures", "curve", "funnel", "feed", "minutes", "rising"),
            lambda snapshot, shop, *_: now.now(snapshot, shop),
        ),
        View(
            "shoppers",
            "/shoppers",
            message("Shoppers"),
            ("find", "grid", "moves", "stages", "tags"),
            lambda snapshot, shop, *_: shoppers.shoppers(snapshot, shop),
        ),
        View(
            "carts",
            "/carts",
            message("Carts"),
            ("figures", "lift", "suppressed", "dearest", "outcomes", "days", "ages"),
            lambda snapshot, shop, feed, _: carts.carts(snapshot, shop, feed),
        ),
        View(
            "churn",
            "/churn",
            message("Churn"),
            ("verdict", "contest", "calibration", "lift", "suppressed", "risk", "alerts", "card"),
            lambda snapshot, shop, *_: churn.churn(snapshot, shop),
        ),
        View(
            "health",
            "/health",
            message("Health"),
            ("verdict", "shards", "endpoints", "workers", "letters", "inputs"),
            health.health,
        ),
    )
}
"""By name, in the order of the navigation."""

ALWAYS = ("banner", "fresh")
"""Sections that every view has: what is wrong with the reading, and how old what is shown is."""
EMPTY = "empty"
"""Stands instead of a view's sections where there is nothing to show yet."""
