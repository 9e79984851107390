"""A receiver of webhooks inside the demo: it verifies each signature as any receiver would, and says what came."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import web

Told = Callable[[dict[str, Any], bool], None]
"""Told of a message that came, and whether its signature is right."""

HOST = "127.0.0.1"


class Receiver:
    """Listens on this machine alone, at any port that is free; `start` and `stop` in the running loop.

    Parameters
    ----------
    secret
        Shared with the sender, ``whsec_...``.
    told
        Called for each message.

    Attributes
    ----------
    url
        Its address, once it is started.
    """

    def __init__(self, secret: str, told: Told) -> None:
        self.url = ""
        self._key = b64decode(secret.removeprefix("whsec_"))
        self._told = told
        app = web.Application()
        app.router.add_post("/", self._take)
        self._runner = web.AppRunner(app, access_log=None)

    async def start(self) -> None:
        """Listen."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, 0)
        await site.start()
        _, port = self._runner.addresses[0][:2]
        self.url = f"http://{HOST}:{port}/"

    async def stop(self) -> None:
        """Close the port."""
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        verified = self.verified(request.headers.get("webhook-signature", ""), _signed(request, body))
        self._told(msgspec.json.decode(body)["data"], verified)
        return web.Response(status=204 if verified else 401)

    def verified(self, signatures: str, signed: bytes) -> bool:
        """Whether one of the signatures, ``v1,...`` with blanks between, is that of the text."""
        right = f"v1,{b64encode(hmac.digest(self._key, signed, 'sha256')).decode()}"
        return any(hmac.compare_digest(right, signature) for signature in signatures.split())


def _signed(request: web.Request, body: bytes) -> bytes:
    headers = request.headers
    return f"{headers.get('webhook-id', '')}.{headers.get('webhook-timestamp', '')}.".encode() + body
