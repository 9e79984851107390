"""Looking around: pages, lists, searches and products."""

from __future__ import annotations

from kairos.simulate.calls import PAGE
from kairos.simulate.catalogue import Product, category_page, path, search_page
from kairos.simulate.visit import Visit
from models.kernel.events import CLICKSTREAM

PATHS = ("/", "/sale", "/new", "/stores", "/shipping", "/account", "/about")
LISTS = 0.45
"""Share of pages that are a category's list."""
SEARCHES = 0.08
"""Share of pages that are a search; of these, `NOTHING` find nothing."""
NOTHING = 0.07
WISHED = 0.02
"""Share of the products looked at that go on the wishlist."""


def pages(visit: Visit, count: int, category: str) -> None:
    """So many pages."""
    for _ in range(count):
        page(visit, category)
        visit.think()


def page(visit: Visit, category: str) -> None:
    """One page: a list, a search, or any other."""
    draws = visit.draws
    u = draws.random()
    if u < LISTS:
        visit.say(CLICKSTREAM, "Product List Viewed", category_page(category))
    elif u < LISTS + SEARCHES:
        results = 0 if draws.chance(NOTHING) else 1 + draws.geometric(12.0)
        visit.say(CLICKSTREAM, "Products Searched", search_page(category, results))
    else:
        visit.say(CLICKSTREAM, PAGE, path(draws.pick(PATHS)))


def product(visit: Visit, category: str) -> Product:
    """Choose a product from a list and look at it."""
    found = visit.floor.catalogue.pick(category, visit.draws)
    visit.say(CLICKSTREAM, "Product Clicked", found.properties)
    visit.at += 1 + int(visit.draws.exponential(900.0))
    visit.say(CLICKSTREAM, "Product Viewed", found.properties)
    visit.think()
    if visit.draws.chance(WISHED):
        visit.say(CLICKSTREAM, "Product Added to Wishlist", found.properties)
        visit.think()
    return found
