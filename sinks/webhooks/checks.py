"""What an endpoint must be, so that mistakes show when the file is read, and not when a message comes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from models.features import SHOPPERS
from models.kernel.outputs import DEAD_LETTERS, USER_TAGS
from sinks.webhooks.examples import EXAMPLES
from sinks.webhooks.file_table import known_keys, nearest
from sinks.webhooks.own import compiled
from sinks.webhooks.presets import PRESETS
from sinks.webhooks.signing import key
from sinks.webhooks.templates import render

if TYPE_CHECKING:
    from sinks.webhooks.endpoints import Endpoint

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
PRINTED = re.compile(r"[\x20-\x7e]+")
HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
OURS = ("webhook-id", "webhook-timestamp", "webhook-signature", "content-length", "host", "transfer-encoding")


def check(endpoint: Endpoint) -> None:
    """Look at every field, and try the template with an example of every kind of message.

    Raises
    ------
    ValueError
        The first that is no good: its name, and what is expected. It repeats no secret.
    """
    for field, problem in _problems(endpoint):
        raise ValueError(f"{field}: {problem}")


def _problems(endpoint: Endpoint) -> Iterator[tuple[str, str]]:
    """Fields that are no good, and why; later ones count on earlier ones."""
    yield from _filters(endpoint)
    yield from _allow(endpoint)
    yield from _url(endpoint)
    yield from _headers(endpoint)
    for secret in endpoint.secrets:
        if problem := _raised(partial(key, secret)):
            yield "secret", problem
    yield from _template(endpoint)


def _filters(endpoint: Endpoint) -> Iterator[tuple[str, str]]:
    topics = [topic for topic in SHOPPERS.outputs if topic != DEAD_LETTERS]
    for topic in endpoint.topics:
        if topic == DEAD_LETTERS:
            yield "topics", f"{DEAD_LETTERS} go nowhere: what cannot be delivered would come round again"
        elif topic not in topics:
            yield "topics", f"there is no {topic}{nearest(topic, topics)}"
    if not endpoint.topics:
        yield "topics", f"expected at least one of {', '.join(topics)}"
    kinds = list(dict.fromkeys(kind for topic in endpoint.topics for kind in SHOPPERS.outputs[topic].kinds))
    for kind in endpoint.kinds:
        if kind not in kinds:
            yield "kinds", f"these topics have no {kind}{nearest(kind, kinds)}"
    if endpoint.tags and USER_TAGS not in endpoint.topics:
        yield "tags", f"they choose among {USER_TAGS}, which is not among its topics"


def _allow(endpoint: Endpoint) -> Iterator[tuple[str, str]]:
    for one in endpoint.allow:
        if not HOST.fullmatch(one) and _raised(partial(ip_network, one, strict=False)):
            yield "allow", f"expected a host, an address or a network such as 10.0.0.0/8, not {one!r}"


def _url(endpoint: Endpoint) -> Iterator[tuple[str, str]]:
    try:
        url = urlsplit(endpoint.url)
        host, _ = url.hostname, url.port
    except ValueError:
        yield "url", "it is none"
        return
    if not host or url.scheme not in ("https", "http"):
        yield "url", "expected where requests go, such as https://shop.example/hook"
        return
    if url.username or url.password or url.fragment or not PRINTED.fullmatch(endpoint.url) or " " in endpoint.url:
        yield "url", "no user, password, fragment or blanks: a password goes into headers or options"
    if endpoint.allows(host):
        return
    if url.scheme != "https":
        yield "url", f"https only; where it must be http, say allow = [{host!r}]"
    if not _raised(lambda: ip_address(host)) and not ip_address(host).is_global:
        yield "url", f"a private address; if it is meant, say allow = [{host!r}]"


def _headers(endpoint: Endpoint) -> Iterator[tuple[str, str]]:
    for name, value in endpoint.headers.items():
        if not TOKEN.fullmatch(name):
            yield "headers", f"{name!r} is no name of a header"
        if name.lower() in OURS:
            yield "headers", f"{name} is set for each request"
        if not PRINTED.fullmatch(value):
            yield f"headers.{name}", "expected printable ASCII"


def _template(endpoint: Endpoint) -> Iterator[tuple[str, str]]:
    if endpoint.own:
        if problem := _raised(lambda: compiled(endpoint.source)):
            yield "template", problem
    elif endpoint.template not in PRESETS:
        yield "template", f"there is no {endpoint.template}{nearest(endpoint.template, PRESETS)}, or file:PATH"
    else:
        yield from _preset(endpoint)
    yield from _tried(endpoint)


def _preset(endpoint: Endpoint) -> Iterator[tuple[str, str]]:
    preset = PRESETS[endpoint.template]
    if problem := _raised(lambda: known_keys(endpoint.options, preset.options, endpoint.template)):
        yield "options", problem
    for name, option in preset.options.items():
        given = endpoint.options.get(name, option.default)
        if given is None:
            yield f"options.{name}", f"it is missing: {option.about}"
        elif not PRINTED.fullmatch(given or "-"):
            yield f"options.{name}", "expected printable ASCII"
        elif option.choices and given not in option.choices:
            yield f"options.{name}", f"expected one of {', '.join(option.choices)}"
    for topic in endpoint.topics:
        if preset.topics and topic not in preset.topics:
            yield "topics", f"{endpoint.template} takes {', '.join(preset.topics)} only"
    if preset.signed and not endpoint.secrets:
        yield "secret", "it is missing: whsec_ and the base64 of 24 to 64 bytes, by which the receiver knows Kairos"


def _tried(endpoint: Endpoint) -> Iterator[tuple[str, str]]:
    """What goes wrong with the examples of what the endpoint may take."""
    said = False
    for (topic, kind), message in EXAMPLES.items():
        if topic in endpoint.topics and (not endpoint.kinds or kind in endpoint.kinds):
            try:
                said |= render(endpoint, topic, message) is not None
            except ValueError as error:
                yield "template", f"of {topic}, {kind}: {error}"
    if not said:
        yield "template", f"{endpoint.template} says nothing of such messages"


def _raised(call: Callable[[], Any]) -> str:
    """What a call complains of with ValueError; "" if it does not."""
    try:
        call()
    except ValueError as error:
        return str(error)
    return ""
