"""Segment's calls as JSON: what all of them share, those of the clickstream, and those of a name nobody knows."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct

from models.decoding.fields import IGNORED, Wrong
from models.decoding.limits import LimitChecker
from models.decoding.rejections import NOT_SUPPORTED, WRONG_TYPE, ContractViolation
from models.kernel import events
from models.kernel.call_context import CallContext
from models.kernel.events import CLICKSTREAM, Browsed, Event, Reviewed


class Call(Struct, kw_only=True, rename="camel", gc=False):
    """A call of the Segment spec. Fields that are not listed are not looked at.

    Attributes
    ----------
    context
        The fields of the call's `context`, not decoded (see `models.kernel.call_context`).
    role
        Rank of the event's role in the merge.
    received_at, sent_at
        When it reached a server, and left the shopper's device: nothing happens after that.
    required
        Properties of which one must be there; none if none must.
    wrong
        What becomes of a call whose `properties` are no object.
    consents
        Whether the call is about consent, whatever its context holds (see `models.decoding.consent`).
    """

    timestamp: datetime
    user_id: str | None = None
    anonymous_id: str | None = None
    message_id: str | None = None
    context: CallContext | None = None
    received_at: datetime | None = None
    sent_at: datetime | None = None

    role: ClassVar[int] = CLICKSTREAM
    required: ClassVar[tuple[str, ...]] = ()
    wrong: ClassVar[Wrong] = IGNORED
    consents: ClassVar[bool] = False

    def to_event(self, check: LimitChecker, e: int) -> Event:
        """The typed event that the call stands for.

        Parameters
        ----------
        check
            The shop's limits and its currency.
        e
            The event's time in ms, which chooses the rate of a currency.

        Raises
        ------
        ContractViolation
            The call breaks a rule that types do not state.
        """
        raise NotImplementedError

    @classmethod
    def salvage(cls, properties: Any) -> Event | None:
        """The event left of a call whose time and shopper are good and whose properties are not: an order of unknown
        value; None for calls of other kinds. `properties` are the typed ones, as far as they could be read."""
        return None


class Track(Call, kw_only=True, tag_field="event", gc=False):
    """A call whose `event` says what it is."""


class Tick(Call, kw_only=True, tag_field="type", tag="kairos.tick", gc=False):
    """A promise that no record with an earlier time follows. It belongs to no shopper, whatever ids it carries."""

    event: str | None = None

    def __post_init__(self) -> None:
        self.user_id = self.anonymous_id = None

    def to_event(self, check: LimitChecker, e: int) -> Event:
        return events.Tick()


class UserErased(Track, kw_only=True, tag="User Erased", gc=False):
    """A reserved name: always rejected, since there is no erasure yet."""

    def to_event(self, check: LimitChecker, e: int) -> Event:
        raise ContractViolation(NOT_SUPPORTED, "User Erased: there is no erasure yet")


class Other(Call, kw_only=True, gc=False):
    """A call whose name is not in the contract."""

    event: str | None = None
    type: str | None = None

    def to_event(self, check: LimitChecker, e: int) -> Event:
        name = self.event or self.type
        if not name:
            raise ContractViolation(WRONG_TYPE, "neither event nor type says what happened")
        return events.Unrecognised(check.text(name))


class BrowseProperties(Struct, gc=False):
    """Properties of a clickstream event."""

    category: str | None = None


class SearchProperties(BrowseProperties, gc=False):
    """Properties of Products Searched; `results_count` is an extension of Kairos."""

    results_count: Annotated[int, Meta(ge=0)] | None = None


class ProductViewProperties(BrowseProperties, gc=False):
    """Properties of Product Viewed and Product Clicked."""

    product_id: str | None = None


class ReviewProperties(BrowseProperties, gc=False):
    """Properties of Product Reviewed; a numeric `rating` and `lang` are extensions of Kairos. What is said may be
    anything: a text is read, all else counts as absent."""

    rating: float | None = None
    lang: str | None = None
    product_id: Any = None
    review_body: Any = None


NO_INTEREST = Browsed()


def browsed(properties: BrowseProperties | None, weight: int, check: LimitChecker) -> Event:
    """A clickstream event, with interest of this weight in the category it names, if it names one."""
    if properties is None or not properties.category:
        return NO_INTEREST
    return Browsed(check.text(properties.category), weight)


class Page(Call, kw_only=True, tag_field="type", tag="page", gc=False):
    """A page call."""

    properties: BrowseProperties | None = None
    event: str | None = None

    def to_event(self, check: LimitChecker, e: int) -> Event:
        return browsed(self.properties, 1, check)


class Browse(Track, kw_only=True, gc=False):
    """A clickstream event; `weight` is how much interest in its category it shows."""

    properties: BrowseProperties | None = None

    weight: ClassVar[int] = 1

    def to_event(self, check: LimitChecker, e: int) -> Event:
        return browsed(self.properties, self.weight, check)


class PageViewed(Browse, kw_only=True, tag="Page Viewed", gc=False):
    """The same as a page call, as an event."""


class ProductViewed(Browse, kw_only=True, tag="Product Viewed", gc=False):
    """The page of a product."""

    properties: ProductViewProperties | None = None

    weight: ClassVar[int] = 2

    def to_event(self, check: LimitChecker, e: int) -> Event:
        p = self.properties
        if p is None or not p.product_id:
            return browsed(p, self.weight, check)
        category = check.text(p.category)
        return Browsed(category, self.weight if category else 0, check.text(p.product_id))


class ProductListViewed(Browse, kw_only=True, tag="Product List Viewed", gc=False):
    """A category or another list of products."""


class ProductClicked(ProductViewed, kw_only=True, tag="Product Clicked", gc=False):
    """A product chosen from a list."""


class ProductsSearched(Browse, kw_only=True, tag="Products Searched", gc=False):
    """A search."""

    properties: SearchProperties | None = None


class ProductWished(Browse, kw_only=True, tag="Product Added to Wishlist", gc=False):
    """A product put on a wishlist."""

    weight: ClassVar[int] = 3


class ProductShared(Browse, kw_only=True, tag="Product Shared", gc=False):
    """A product sent to somebody."""

    weight: ClassVar[int] = 3


class ProductReviewed(Browse, kw_only=True, tag="Product Reviewed", gc=False):
    """A review of a product."""

    properties: ReviewProperties | None = None

    def to_event(self, check: LimitChecker, e: int) -> Event:
        p = self.properties
        if p is None:
            return Reviewed()
        product, text = (said if isinstance(said, str) else "" for said in (p.product_id, p.review_body))
        return Reviewed(check.text(p.category), check.text(product), p.rating, check.text(p.lang), check.review(text))


class PromotionViewed(Browse, kw_only=True, tag="Promotion Viewed", gc=False):
    """A promotion seen."""


class PromotionClicked(Browse, kw_only=True, tag="Promotion Clicked", gc=False):
    """A promotion followed."""
