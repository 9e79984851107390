"""Attempts by HTTP: one request, one answer, no redirects, and never longer than it may take."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

import aiohttp

from sinks.webhooks.endpoints import Endpoint
from sinks.webhooks.guard import Forbidden, sockets
from sinks.webhooks.policy import Answer, retry_after
from sinks.webhooks.preset import Request

BODY = 64 * 1024
"""Bytes of an answer that are read, so that the connection can be used again; nothing of them is looked at."""
BODY_WITHIN = 1.0
"""Seconds for that."""
AGENT = "Kairos (webhooks)"


class Sender(Protocol):
    """What makes an attempt."""

    async def send(self, request: Request, within: int) -> Answer:
        """Send a request, once. An answer comes in `within` ms, or there is none."""
        ...


class HttpSender:
    """Implements `Sender`, with connections that are used again. `start` in the running loop, `stop` after.

    Parameters
    ----------
    endpoint
        Whom to.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Be ready to send."""
        connector = aiohttp.TCPConnector(limit=0, socket_factory=sockets(self._endpoint))
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers={"User-Agent": AGENT},
        )

    async def stop(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def send(self, request: Request, within: int) -> Answer:
        """Send a request, once. An answer comes in `within` ms, or there is none."""
        assert self._session is not None
        began = time.monotonic()
        try:
            async with self._session.request(
                request.method,
                request.url,
                headers=request.headers,
                data=request.body,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=within / 1000),
            ) as response:
                answer = _answer(response)
                await _read(response)
        except TimeoutError:
            answer = Answer(0, why=f"no answer within {within / 1000:g} s", exposed=True)
        except aiohttp.ClientConnectorError as error:
            answer = Answer(0, why=_no_connection(error))
        except (
            aiohttp.ClientError,
            OSError,
            ValueError,
        ) as error:  # their texts may quote the address, with its secrets
            answer = Answer(0, why=f"the connection broke ({type(error).__name__})", exposed=True)
        return answer._replace(took=round((time.monotonic() - began) * 1000))


def _answer(response: aiohttp.ClientResponse) -> Answer:
    status = response.status
    wait = retry_after(response.headers.get("Retry-After"), round(time.time() * 1000))
    why = "" if 200 <= status < 300 else f"answered {status}"
    return Answer(status, why=why, exposed=status >= 500, retry_after=wait)


async def _read(response: aiohttp.ClientResponse) -> None:
    """Read what comes with the answer. What is too long or too slow costs the connection, not the answer."""
    try:
        async with asyncio.timeout(BODY_WITHIN):
            while len(await response.content.read(BODY)) and response.content.total_bytes < BODY:
                pass
    except (TimeoutError, aiohttp.ClientError, OSError):
        response.close()


def _no_connection(error: aiohttp.ClientConnectorError) -> str:
    cause = error.os_error
    if isinstance(cause, Forbidden):
        return str(cause)
    return f"no connection ({cause.strerror or type(cause).__name__})"
