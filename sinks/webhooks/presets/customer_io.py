"""Customer.io: an event of a person, by which campaigns begin.

https://docs.customer.io/integrations/api/track/tag/track-events/track: ``POST .../api/v1/customers/{id}/events`` at
``track.customer.io`` (``track-eu.customer.io`` for accounts in Europe), with basic authentication by site id and API
key; `name` is required, `timestamp` is in seconds, `data` an object. `id` must be a ULID: an event with one that was
seen before is not processed again. The answer is 200.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sinks.webhooks.preset import Option, Preset, Request, option, post
from sinks.webhooks.properties import name, properties, unspoken

if TYPE_CHECKING:
    from sinks.webhooks.endpoints import Endpoint

OPTIONS = {
    "site_id": Option("the workspace's site id"),
    "api_key": Option("its Track API key"),
}
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32."""
LENGTH = 26


def build(endpoint: Endpoint, topic: str, message: Mapping[str, Any]) -> Request | None:
    """An event; None for what is kept from a shopper (see `unspoken`)."""
    if unspoken(endpoint, message):
        return None
    body = {
        "name": name(topic, message["kind"]),
        "id": ulid(message["as_of"], message["id"]),
        "timestamp": message["as_of"] // 1000,
        "data": properties(message),
    }
    login = f"{option(endpoint, OPTIONS, 'site_id')}:{option(endpoint, OPTIONS, 'api_key')}"
    url = f"{endpoint.url.rstrip('/')}/{quote(message['user_id'], safe='')}/events"
    return post(endpoint, body, {"authorization": f"Basic {b64encode(login.encode()).decode()}"}, url)


def ulid(at: int, id: str) -> str:
    """The ULID of a message, always the same for the same one: its time (ms, 48 bits), then its id's first 80 bits.

    Source: github.com/ulid/spec.

    >>> ulid(1469918176385, "f" * 32)
    '01ARYZ6S41ZZZZZZZZZZZZZZZZ'
    """
    number = (at << 80) | int(id[:20], 16)
    return "".join(DIGITS[number >> 5 * place & 31] for place in reversed(range(LENGTH)))


CUSTOMER_IO = Preset("Customer.io's Track API", build, OPTIONS, url="https://track.customer.io/api/v1/customers")
