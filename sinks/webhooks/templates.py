"""A message becomes a request: by a preset, or by the shop's own template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sinks.webhooks.own import own
from sinks.webhooks.preset import Request
from sinks.webhooks.presets import PRESETS

if TYPE_CHECKING:
    from sinks.webhooks.endpoints import Endpoint

__all__ = ["LARGEST", "Request", "render"]

LARGEST = 20_000
"""Bytes of a body, at most: Standard Webhooks advises less than 20 KB, and receivers count on it."""


def render(endpoint: Endpoint, topic: str, message: Mapping[str, Any]) -> Request | None:
    """The request by which an endpoint is told of a message.

    Parameters
    ----------
    endpoint
        It takes the message (`Endpoint.takes`).
    topic
        The topic's role, whatever it is called on the broker.
    message
        As docs/outputs.md describes it.

    Returns
    -------
    Request or None
        None: the template has nothing to say for such a message. The body is at most `LARGEST` bytes: of a huge cart
        the last products are left out, and `products_cut` counts them. Signature and ``webhook-`` headers are missing.

    Raises
    ------
    ValueError
        Nothing can be made of this message: the own template fails with it, or it is too large even without products.
    """
    build = own if endpoint.own else PRESETS[endpoint.template].build
    request = build(endpoint, topic, message)
    while request is not None and len(request.body) > LARGEST:
        message = _shortened(message, len(request.body))
        request = build(endpoint, topic, message)
    return request


def _shortened(message: Mapping[str, Any], size: int) -> dict[str, Any]:
    """The message with fewer products, in proportion to a body of `size` bytes."""
    products = message.get("products", ())
    if not products:
        raise ValueError(f"a body of {size} bytes is too large: {LARGEST} at most")
    kept = min(len(products) * LARGEST // size, len(products) - 1)
    cut = message.get("products_cut", 0) + len(products) - kept
    return {**message, "products": products[:kept], "products_cut": cut}
