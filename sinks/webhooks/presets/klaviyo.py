"""Klaviyo: an event of a profile, by which flows begin.

https://developers.klaviyo.com/en/reference/create_event: ``POST https://a.klaviyo.com/api/events`` with the headers
``Authorization: Klaviyo-API-Key ...`` and ``revision``; JSON:API, ``data.type`` is ``event``; its attributes `metric`,
`profile` and `properties` (400 at most) are required, a metric's `name` is shorter than 128 characters, `time` is ISO
8601, `value` a number, `value_currency` an ISO 4217 code; a profile has `external_id`, `email` or `phone_number`. Of
events with the same `unique_id`, profile and metric only the first is recorded: a repeated delivery counts once. The
answer is 202.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.kernel.stamps import stamp
from sinks.webhooks.preset import Option, Preset, Request, option, post
from sinks.webhooks.properties import name, properties, unspoken, worth

if TYPE_CHECKING:
    from sinks.webhooks.endpoints import Endpoint

OPTIONS = {
    "api_key": Option("a private key with the scope events:write"),
    "revision": Option("of Klaviyo's API, a date", "2026-07-15"),
    "identifier": Option(
        "what the shop's shopper ids are there", "external_id", ("external_id", "email", "phone_number")
    ),
}


def build(endpoint: Endpoint, topic: str, message: Mapping[str, Any]) -> Request | None:
    """An event; None for what is kept from a shopper (see `unspoken`)."""
    if unspoken(endpoint, message):
        return None
    amount = worth(message)
    profile = {option(endpoint, OPTIONS, "identifier"): message["user_id"]}
    attributes = {
        "metric": {"data": {"type": "metric", "attributes": {"name": name(topic, message["kind"])}}},
        "profile": {"data": {"type": "profile", "attributes": profile}},
        "properties": properties(message),
        "time": stamp(message["as_of"]),
        "unique_id": message["id"],
        **({} if amount is None else {"value": amount, "value_currency": message["currency"]}),
    }
    headers = {
        "authorization": f"Klaviyo-API-Key {option(endpoint, OPTIONS, 'api_key')}",
        "revision": option(endpoint, OPTIONS, "revision"),
        "accept": "application/vnd.api+json",
        "content-type": "application/vnd.api+json",
    }
    return post(endpoint, {"data": {"type": "event", "attributes": attributes}}, headers)


KLAVIYO = Preset("Klaviyo's events", build, OPTIONS, url="https://a.klaviyo.com/api/events")
