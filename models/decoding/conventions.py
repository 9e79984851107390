"""Conventions of naming events: the tables of `models.decoding.names`, each with its source."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

Fields = Mapping[str, str]

NO_FIELDS: Fields = MappingProxyType({})


class Convention(NamedTuple):
    """A convention of names.

    Attributes
    ----------
    title
        What it is called.
    source
        Where its names and fields are written down.
    names
        The contract's names by theirs.
    fields
        Our names of its properties by theirs, on all its events.
    lines
        The same for each product.
    of
        What comes to `fields` on some of the contract's events.
    """

    title: str
    source: str
    names: Mapping[str, str]
    fields: Fields = NO_FIELDS
    lines: Fields = NO_FIELDS
    of: Mapping[str, Fields] = MappingProxyType({})


def _themselves(*names: str) -> dict[str, str]:
    return {name: name for name in names}


def _activity(*names: str) -> dict[str, str]:
    """Names that are activity and no more, as a page without a category is; else they would stand among the commonest
    unknown names, and hide a purchase there."""
    return dict.fromkeys(names, "page")


CONTRACT = Convention(
    "The contract",
    "docs/contract.md",
    _themselves(
        *("page", "Page Viewed", "Product List Viewed", "Promotion Viewed", "Promotion Clicked", "Products Searched"),
        *("Product Viewed", "Product Clicked", "Product Added to Wishlist", "Product Shared", "Product Reviewed"),
        *("Product Added", "Product Removed", "Cart Updated", "Cart Viewed", "Checkout Started"),
        *("Order Completed", "Order Updated", "Order Refunded", "Order Cancelled", "User Erased"),
        *("Consent Updated", "Unsubscribed", "Subscribed"),
    ),
)
"""The contract's own names: Segment's ecommerce spec, version 2, and the extensions of Kairos."""

SEGMENT = Convention(
    "Segment's other names",
    "https://segment.com/docs/connections/spec/ecommerce/v2/, https://segment.com/docs/connections/spec/email/ and "
    "segmentio/analytics-events, lib/index.js",
    {
        "screen": "page",
        "Screen Viewed": "Page Viewed",
        "Wishlist Product Added to Cart": "Product Added",
        "Product Added to Cart from Wishlist": "Product Added",
        "Product Added from Wishlist to Cart": "Product Added",
        "Product Category Viewed": "Product List Viewed",
        "Checkout Step Viewed": "Checkout Started",
        "Checkout Step Completed": "Checkout Started",
        "Payment Info Entered": "Checkout Started",
        "Order Canceled": "Order Cancelled",
        "Email Unsubscribed": "Unsubscribed",
        "Email Subscribed": "Subscribed",
        "Resubscribed": "Subscribed",
        "Email Resubscribed": "Subscribed",
        "Product List Filtered": "Product List Viewed",
        **_activity(
            *("Product Removed from Wishlist", "Cart Shared", "Coupon Entered", "Coupon Applied", "Coupon Denied"),
            *("Coupon Removed", "Application Installed", "Application Updated", "Application Opened"),
            *("Application Backgrounded", "Deep Link Opened", "Deep Link Clicked", "Push Notification Tapped"),
        ),
    },
)
"""Names of the spec that mean the same to Kairos as one of its own."""

SEGMENT_V1 = Convention(
    "Segment's version 1: the verb first",
    "https://segment.com/docs/connections/spec/ecommerce/ (version 1), segmentio/analytics-events, lib/index.js, and "
    "the WooCommerce plug-in segmentio/analytics-wordpress, integrations/ecommerce/woocommerce.php",
    {
        "Viewed Page": "Page Viewed",
        "Viewed Screen": "Page Viewed",
        "Viewed Product List": "Product List Viewed",
        "Viewed Product Category": "Product List Viewed",
        "Viewed Promotion": "Promotion Viewed",
        "Clicked Promotion": "Promotion Clicked",
        "Searched Products": "Products Searched",
        "Viewed Product": "Product Viewed",
        "Clicked Product": "Product Clicked",
        "Added to Wishlist Product": "Product Added to Wishlist",
        "Shared Product": "Product Shared",
        "Reviewed Product": "Product Reviewed",
        "Added Product": "Product Added",
        "Added to Cart Wishlist Product": "Product Added",
        "Added to Cart from Wishlist Product": "Product Added",
        "Added from Wishlist to Cart Product": "Product Added",
        "Removed Product": "Product Removed",
        "Updated Cart": "Cart Updated",
        "Viewed Cart": "Cart Viewed",
        "Started Checkout": "Checkout Started",
        "Viewed Checkout Step": "Checkout Started",
        "Completed Checkout Step": "Checkout Started",
        "Entered Payment Info": "Checkout Started",
        "Completed Order": "Order Completed",
        "Updated Order": "Order Updated",
        "Refunded Order": "Order Refunded",
        "Cancelled Order": "Order Cancelled",
        "Canceled Order": "Order Cancelled",
    },
    lines={"id": "product_id"},
    of={
        "Product Viewed": {"id": "product_id"},
        "Product Clicked": {"id": "product_id"},
        "Product Reviewed": {"id": "product_id"},
        "Product Added": {"id": "product_id"},
        "Product Removed": {"id": "product_id"},
        "Order Completed": {"id": "order_id"},
        "Order Updated": {"id": "order_id"},
        "Order Refunded": {"id": "order_id"},
        "Order Cancelled": {"id": "order_id"},
    },
)
"""`id` is the product's on events about a product, and the order's on those about an order. `productId` and `orderId`
need no line: names of fields are compared as names of events are."""

RUDDERSTACK_SHOPIFY = Convention(
    "RudderStack's Shopify source",
    "rudderlabs/rudder-transformer, src/sources/shopify: tracker/config.js and config.js, with their mappings",
    {
        "Page View": "Page Viewed",
        "Collection Viewed": "Product List Viewed",
        "Search Submitted": "Products Searched",
        "Cart Update": "Cart Updated",
        "Checkout Started Webhook": "Checkout Started",
        "Checkout Contact Info Submitted": "Checkout Started",
        "Checkout Address Info Submitted": "Checkout Started",
        "Checkout Shipping Info Submitted": "Checkout Started",
        "Order Created": "Order Completed",
        "Order Updated": "Order Updated",
        "Order Cancelled": "Order Cancelled",
        **_activity("Checkout Updated", "Checkout Deleted"),
    },
    lines={"title": "name"},
    of={
        "Order Completed": {"subtotal_price": "revenue", "value": "total", "total_discounts": "discount"},
        "Order Updated": {"subtotal_price": "revenue", "value": "total", "total_discounts": "discount"},
        "Order Cancelled": {"id": "order_id"},
    },
)
"""`subtotal_price` is after discounts, before shipping and tax, as our `revenue` is; `value` is Shopify's total price.
Left out, since a name alone cannot say what they mean:

- Order Paid, Order Fulfilled, Order Partially Fulfilled: repeats of an order, in version 2 without its id;
- Order Edited: an edit without the order's amount; Order Deleted: names no shopper.

Checkout Updated is also written after the order, and Checkout Deleted says nothing about the cart.
"""

GA4 = Convention(
    "Google Analytics 4",
    "https://developers.google.com/analytics/devguides/collection/ga4/reference/events (recommended events) and "
    "https://support.google.com/analytics/answer/9234069 (those that are collected automatically)",
    {
        "page_view": "Page Viewed",
        "screen_view": "Page Viewed",
        "view_item_list": "Product List Viewed",
        "view_promotion": "Promotion Viewed",
        "select_promotion": "Promotion Clicked",
        "search": "Products Searched",
        "view_search_results": "Products Searched",
        "view_item": "Product Viewed",
        "select_item": "Product Clicked",
        "add_to_wishlist": "Product Added to Wishlist",
        "share": "Product Shared",
        "add_to_cart": "Product Added",
        "remove_from_cart": "Product Removed",
        "view_cart": "Cart Viewed",
        "begin_checkout": "Checkout Started",
        "add_shipping_info": "Checkout Started",
        "add_payment_info": "Checkout Started",
        "purchase": "Order Completed",
        "refund": "Order Refunded",
        **_activity(
            *("session_start", "first_visit", "first_open", "user_engagement", "scroll", "click", "file_download"),
            *("form_start", "form_submit", "video_start", "video_progress", "video_complete", "select_content"),
            *("login", "sign_up"),
        ),
    },
    fields={
        "items": "products",
        "item_id": "product_id",
        "item_name": "name",
        "item_category": "category",
        "item_variant": "variant",
        "transaction_id": "order_id",
    },
    lines={"item_id": "product_id", "item_name": "name", "item_category": "category", "item_variant": "variant"},
    of={"Order Completed": {"value": "revenue"}, "Order Refunded": {"value": "revenue"}},
)
"""`value` is an amount on `purchase` and `refund` (before shipping and tax); elsewhere it is no price, and not read."""

SHOPIFY_PIXEL = Convention(
    "Shopify's web pixels",
    "https://shopify.dev/docs/api/web-pixels-api/standard-events",
    {
        "collection_viewed": "Product List Viewed",
        "search_submitted": "Products Searched",
        "product_added_to_cart": "Product Added",
        "product_removed_from_cart": "Product Removed",
        "checkout_contact_info_submitted": "Checkout Started",
        "checkout_address_info_submitted": "Checkout Started",
        "checkout_shipping_info_submitted": "Checkout Started",
        "payment_info_submitted": "Checkout Started",
        "checkout_completed": "Order Completed",
    },
)
"""Only the names: a pixel's payload (`data`) is nested, and is flattened before it is sent (docs/feeds.md)."""

CONVENTIONS = (CONTRACT, SEGMENT, SEGMENT_V1, GA4, SHOPIFY_PIXEL, RUDDERSTACK_SHOPIFY)
"""All of them. Where two have the same name, the later one's fields count: it means the same event."""
