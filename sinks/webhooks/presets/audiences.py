"""Audiences: who begins and who ceases to hold a tag, as ad platforms and mail tools keep lists of people."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from models.kernel.outputs import USER_TAGS
from models.kernel.stamps import stamp
from sinks.webhooks.preset import Preset, Request, post

if TYPE_CHECKING:
    from sinks.webhooks.endpoints import Endpoint


def build(endpoint: Endpoint, topic: str, message: Mapping[str, Any]) -> Request:
    """One change of one audience: the tag's name, ``add`` or ``remove``, and whom."""
    user = message["user_id"]
    action = "add" if message["kind"] == "entered" else "remove"
    member = {"user_id": user, "user_id_sha256": hashed(user)}
    body = {"audience": message["tag"], "action": action, "at": stamp(message["as_of"]), "members": [member]}
    return post(endpoint, body)


def hashed(user: str) -> str:
    """A shopper's id as ad platforms match it: SHA-256 in lower-case hex, of the id without blanks around it and in
    lower case. (Google's Customer Match and Meta's Custom Audiences ask for it of e-mail addresses and external ids.)

    >>> hashed(" Test@Example.com ") == hashed("test@example.com")
    True
    """
    return sha256(user.strip().lower().encode()).hexdigest()


AUDIENCES = Preset("lists of people: a tag's changes as add and remove", build, topics=(USER_TAGS,), signed=True)
