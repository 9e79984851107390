"""`kairos act --check`: what would go where, without a word that is secret."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from rich.console import Console

from kairos.terminal.lines import say
from sinks.webhooks.endpoints import Endpoint


def show(console: Console, endpoints: Sequence[Endpoint]) -> None:
    """Print each endpoint: where it is, what it takes, and how it is told."""
    for endpoint in endpoints:
        say(console, endpoint.name)
        for name, value in _lines(endpoint):
            say(console, f"  {name:<12} {value}")
    say(console, f"{len(endpoints)} endpoint{'s' * (len(endpoints) != 1)}, all good")


def _lines(endpoint: Endpoint) -> Iterator[tuple[str, str]]:
    url = urlsplit(endpoint.url)
    yield "where", f"{url.scheme}://{url.hostname}" + (f":{url.port}" if url.port else "")
    yield "topics", ", ".join(endpoint.topics)
    for name, wanted in (("kinds", endpoint.kinds), ("tags", endpoint.tags), ("channels", endpoint.channels)):
        yield name, ", ".join(wanted) or "all"
    yield "template", endpoint.template
    yield "signed", f"by {len(endpoint.secrets)} secrets" if len(endpoint.secrets) > 1 else _signed(endpoint)
    yield "at once", f"{endpoint.concurrency}, each at most {endpoint.timeout / 1000:g} s"
    yield "kept", f"{endpoint.keep:,} messages at most"
    yield "private", ", ".join(endpoint.allow) or "no addresses"


def _signed(endpoint: Endpoint) -> str:
    return "by a secret" if endpoint.secrets else "no"
