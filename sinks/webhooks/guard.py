"""Where requests may go: not into the shop's own network, unless the endpoints file says so.

The address is looked at as a connection is made to it, so that a name which leads elsewhere a moment later (DNS
rebinding) gains nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from sinks.webhooks.endpoints import Endpoint

NAT64 = ip_network("64:ff9b::/96")
"""Addresses that a translator leads to the IPv4 address in their last four bytes (RFC 6052)."""

AddrInfo = tuple[Any, ...]
"""As `socket.getaddrinfo` has them."""


class Forbidden(OSError):
    """An address that nothing may be sent to."""


def public(address: str) -> bool:
    """Whether an address is one of the public internet, and every address within it too.

    >>> [public(a) for a in ("93.184.216.34", "10.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "fe80::1%eth0")]
    [True, False, False, False, False, False]
    >>> [public(a) for a in ("::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "224.0.0.1", "0.0.0.0")]
    [False, False, False, False, False]
    """
    found = ip_address(address)
    return all(it.is_global and not it.is_multicast for it in (found, *_within(found)))


def _within(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    if isinstance(address, IPv4Address):
        return []
    teredo = address.teredo or ()
    translated = IPv4Address(address.packed[-4:]) if address in NAT64 else None
    return [it for it in (address.ipv4_mapped, address.sixtofour, *teredo, translated) if it is not None]


def sockets(endpoint: Endpoint) -> Callable[[AddrInfo], socket.socket]:
    """What makes the sockets of an endpoint's connections, for aiohttp's connector.

    It raises `Forbidden` for an address that is not public, unless the endpoint allows it or the host it is of.
    """
    host = urlsplit(endpoint.url).hostname or ""
    trusted = endpoint.allows(host)

    def make(info: AddrInfo) -> socket.socket:
        family, kind, protocol, _, where = info
        if not trusted and not public(where[0]) and not endpoint.allows(where[0]):
            raise Forbidden(f"{where[0]} is not a public address: name it in `allow` if that is meant")
        return socket.socket(family, kind, protocol)

    return make
