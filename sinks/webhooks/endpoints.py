"""Who gets which messages, and as what: the endpoints file, TOML with a table ``[endpoints.NAME]`` for each."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from models.kernel.outputs import USER_TAGS
from sinks.webhooks.checks import check
from sinks.webhooks.file_table import OWN, FileTable, known_keys


class Endpoint(Struct, frozen=True, kw_only=True):
    """Somebody who is told of messages. Its `repr` shows no secret, and of the address only the host.

    Attributes
    ----------
    name
        Of it, in logs, metrics and Redis: letters, digits, ``.``, ``_`` and ``-``.
    url
        Where requests go.
    topics, kinds
        Roles of output topics, and kinds of their messages; no kinds: all.
    tags
        Of `user-tags` only changes of these; ``segment:*`` are all that begin so; none: all.
    channels
        Of messages that ask for action only those that may go by one of these; none: all.
    secrets
        ``whsec_...``: each signs, the newest first.
    template, options
        A preset and what is said of it; or ``file:`` and the path of the own template.
    source
        The text of the own template.
    headers
        Sent with each request.
    concurrency
        Requests under way at once, at most.
    timeout
        An attempt that is not answered by then has failed (ms).
    keep
        Messages that wait for another attempt, at most: when so many do, no more are read.
    allow
        Hosts, addresses and networks that may be private; only there ``http`` is allowed.
    """

    name: str
    url: str
    topics: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    template: str = "generic"
    options: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    concurrency: int = 8
    timeout: int = 15_000
    keep: int = 10_000
    allow: tuple[str, ...] = ()
    source: str = ""

    def takes(self, topic: str, message: Mapping[str, Any]) -> bool:
        """Whether it is told of a message of a topic (by its role)."""
        if topic not in self.topics or (self.kinds and message["kind"] not in self.kinds):
            return False
        if topic == USER_TAGS and self.tags and not _any_matches(self.tags, message["tag"]):
            return False
        asks = message.get("expires_at") is not None  # else it takes nothing but what an earlier one asked for back
        return not (self.channels and asks and set(self.channels).isdisjoint(message.get("channels", ())))

    def allows(self, host: str) -> bool:
        """Whether a private host or address is allowed: named so, or in a network of `allow`.

        >>> Endpoint(name="x", url="", topics=(), allow=("127.0.0.0/8", "receiver")).allows("127.0.0.1")
        True
        """
        return host.lower() in self.allow or any(_within(host, network) for network in self.allow)

    @property
    def own(self) -> bool:
        """Whether the template is the shop's own."""
        return self.template.startswith(OWN)

    @property
    def host(self) -> str:
        """Where it is; what else the address says may be secret."""
        return urlsplit(self.url).hostname or ""

    def __repr__(self) -> str:
        return f"Endpoint({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """What logs and tracebacks may show."""
        shown = ("name", "host", "topics", "kinds", "tags", "channels", "template")
        return [(name, getattr(self, name)) for name in shown]


def load(text: str, *, environ: Mapping[str, str] = os.environ, folder: Path = Path()) -> tuple[Endpoint, ...]:
    """The endpoints of a file, in its order.

    Parameters
    ----------
    text
        What it holds.
    environ
        Where variables are that it names as ``env:NAME``.
    folder
        What the paths of files count from that it names as ``file:PATH``.

    Raises
    ------
    ValueError
        It is no such file: the message names endpoint and field, and repeats no secret.
    """
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"no TOML: {error}") from None
    known_keys(tree, ("endpoints",), "the file")
    tables = tree.get("endpoints", {})
    if not isinstance(tables, dict) or not tables:
        raise ValueError("no endpoints: expected tables such as [endpoints.crm]")
    return tuple(_endpoint(name, table, environ, folder) for name, table in tables.items())


def _endpoint(name: str, table: Any, environ: Mapping[str, str], folder: Path) -> Endpoint:
    try:
        given = FileTable.of(name, table).resolved(environ, folder)
        endpoint = Endpoint(name=name, **given.endpoint_fields(folder))
        check(endpoint)
    except ValueError as error:
        raise ValueError(f"endpoint {name}: {error}") from None
    return endpoint


def _any_matches(patterns: Sequence[str], tag: str) -> bool:
    return any(tag.startswith(one[:-1]) if one.endswith("*") else tag == one for one in patterns)


def _within(address: str, network: str) -> bool:
    try:
        return ip_address(address) in ip_network(network, strict=False)
    except ValueError:  # a name
        return False
