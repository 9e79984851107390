"""Presets: how messages become requests that a system of another maker takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

if TYPE_CHECKING:
    from sinks.webhooks.endpoints import Endpoint

JSON = "application/json"


class Request(NamedTuple):
    """What is sent, but for the signature."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


class Option(NamedTuple):
    """An option of a preset: what it says, its default (None: it must be given), and what it may be (() anything)."""

    about: str
    default: str | None = None
    choices: tuple[str, ...] = ()


class Preset(NamedTuple):
    """A way to make requests of messages.

    Attributes
    ----------
    about
        What takes the requests.
    build
        Endpoint, topic, message -> its request; None: it says nothing for such a message.
    options
        What the endpoint may say of it, by name.
    topics
        Those it has something to say of; () all.
    signed
        Whether the receiver is expected to check signatures, so that a secret must be given.
    url
        Where its maker takes requests; "": the endpoint says where.
    """

    about: str
    build: Callable[[Endpoint, str, Mapping[str, Any]], Request | None]
    options: Mapping[str, Option] = {}
    topics: tuple[str, ...] = ()
    signed: bool = False
    url: str = ""


def option(endpoint: Endpoint, options: Mapping[str, Option], name: str) -> str:
    """An option of an endpoint: as given, else its default."""
    return endpoint.options.get(name) or options[name].default or ""


def post(endpoint: Endpoint, body: Any, headers: Mapping[str, str] | None = None, url: str = "") -> Request:
    """A request with a body of JSON. `headers` beside those that the endpoint's file gives; `url` if not the file's."""
    sent = {"content-type": JSON, **(headers or {}), **{name.lower(): text for name, text in endpoint.headers.items()}}
    return Request("POST", url or endpoint.url, sent, msgspec.json.encode(body))
