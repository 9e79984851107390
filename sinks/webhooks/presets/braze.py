"""Braze: a custom event of a user, by which canvases begin; and tags as an attribute of the user.

https://www.braze.com/docs/api/endpoints/user_data/post_user_track: ``POST .../users/track`` at the instance's REST
endpoint, with ``Authorization: Bearer ...``; up to 75 objects each in `events` and `attributes`; an event needs one
identifier, `name`, and `time` in ISO 8601. The answer is 201 with ``message: success`` and how many were processed.
Elements of an attribute that is an array are added and removed by ``{"add": [...]}`` and ``{"remove": [...]}``
(https://www.braze.com/docs/api/objects_filters/user_attributes_object).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.kernel.outputs import USER_TAGS
from models.kernel.stamps import stamp
from sinks.webhooks.preset import Option, Preset, Request, option, post
from sinks.webhooks.properties import name, properties, unspoken

if TYPE_CHECKING:
    from sinks.webhooks.endpoints import Endpoint

OPTIONS = {
    "api_key": Option("a REST API key with the permission users.track"),
    "identifier": Option("what the shop's shopper ids are there", "external_id", ("external_id", "email", "phone")),
    "tags_attribute": Option("the user's attribute, an array, that holds the tags", "kairos_tags"),
}


def build(endpoint: Endpoint, topic: str, message: Mapping[str, Any]) -> Request | None:
    """A change of the attribute of tags, or an event; None for what is kept from a shopper (see `unspoken`)."""
    if unspoken(endpoint, message):
        return None
    user = {option(endpoint, OPTIONS, "identifier"): message["user_id"]}
    if topic == USER_TAGS:
        change = {"add" if message["kind"] == "entered" else "remove": [message["tag"]]}
        body = {"attributes": [{**user, option(endpoint, OPTIONS, "tags_attribute"): change}]}
    else:
        told = {"message_id": message["id"], **properties(message)}
        when = stamp(message["as_of"])
        body = {"events": [{**user, "name": name(topic, message["kind"]), "time": when, "properties": told}]}
    return post(endpoint, body, {"authorization": f"Bearer {option(endpoint, OPTIONS, 'api_key')}"})


BRAZE = Preset("Braze's /users/track", build, OPTIONS)
