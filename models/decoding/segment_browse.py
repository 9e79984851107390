"""Calls of the clickstream: activity, with interest in a category where one is named."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from models.decoding.limits import Terms
from models.decoding.segment_call import Call, Track
from models.kernel.events import Browsed, Event

NO_INTEREST = Browsed()


class Interest(Struct, gc=False):
    """What a click says about taste."""

    category: str | None = None


class Search(Interest, gc=False):
    """Products Searched; `results_count` is ours."""

    results_count: Annotated[int, Meta(ge=0)] | None = None


class View(Interest, gc=False):
    """Which product was looked at."""

    product_id: str | None = None


class Review(Interest, gc=False):
    """Product Reviewed; a numeric `rating` and `lang` are ours."""

    rating: float | None = None
    lang: str | None = None


def interest(properties: Interest | None, weight: int, terms: Terms) -> Event:
    """A click, with `weight` for the category it names."""
    if properties is None or not properties.category:
        return NO_INTEREST
    return Browsed(terms.text(properties.category), weight)


class Page(Call, kw_only=True, tag_field="type", tag="page", gc=False):
    """A page call."""

    properties: Interest | None = None
    event: str | None = None

    def read(self, terms: Terms, e: int) -> Event:
        return interest(self.properties, 1, terms)


class Browse(Track, kw_only=True, gc=False):
    """A click; `weight` says how much interest in the category it shows."""

    properties: Interest | None = None

    weight: ClassVar[int] = 1

    def read(self, terms: Terms, e: int) -> Event:
        return interest(self.properties, self.weight, terms)


class PageViewed(Browse, kw_only=True, tag="Page Viewed", gc=False):
    """A page call by another name."""


class ProductViewed(Browse, kw_only=True, tag="Product Viewed", gc=False):
    """The page of a product."""

    properties: View | None = None

    weight: ClassVar[int] = 2

    def read(self, terms: Terms, e: int) -> Event:
        p = self.properties
        if p is None or not p.product_id:
            return interest(p, self.weight, terms)
        category = terms.text(p.category)
        return Browsed(category, self.weight if category else 0, terms.text(p.product_id))


class ProductListViewed(Browse, kw_only=True, tag="Product List Viewed", gc=False):
    """A category or a list."""


class ProductClicked(ProductViewed, kw_only=True, tag="Product Clicked", gc=False):
    """A product chosen from a list."""


class ProductsSearched(Browse, kw_only=True, tag="Products Searched", gc=False):
    """A search."""

    properties: Search | None = None


class ProductWished(Browse, kw_only=True, tag="Product Added to Wishlist", gc=False):
    """A product put on a wishlist."""

    weight: ClassVar[int] = 3


class ProductShared(Browse, kw_only=True, tag="Product Shared", gc=False):
    """A product sent to somebody."""

    weight: ClassVar[int] = 3


class ProductReviewed(Browse, kw_only=True, tag="Product Reviewed", gc=False):
    """A review."""

    properties: Review | None = None

    weight: ClassVar[int] = 3


class PromotionViewed(Browse, kw_only=True, tag="Promotion Viewed", gc=False):
    """A promotion seen."""


class PromotionClicked(Browse, kw_only=True, tag="Promotion Clicked", gc=False):
    """A promotion followed."""
