"""A receiver of webhooks that fails in all the ways there are, by its seed: errors, resets, silence, slow answers,
pleas for time; before it took the message, or after. A server on the loopback address, in a thread of its own.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any, NamedTuple

from aiohttp import web
from standardwebhooks import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
FAULTS = ("error", "error_taken", "reset", "reset_taken", "hang", "hang_taken", "slow", "busy", "redirect")
HANG = 30.0
SLOW = 0.3


class Arrival(NamedTuple):
    """A request: when it came (wall ms), what it carried, and what the receiver did about it ("" is: took it)."""

    at: int
    message: dict[str, Any]
    fault: str

    @property
    def taken(self) -> bool:
        """Whether the receiver has it."""
        return self.fault in ("", "slow") or self.fault.endswith("taken")


class Receiver:
    """One endpoint.

    Parameters
    ----------
    fault
        What goes wrong with a message: one of `FAULTS`, "gone", a status, or "" for nothing.

    Attributes
    ----------
    arrivals
        Every request, in order.
    """

    def __init__(self, fault: Callable[[dict[str, Any]], str] = lambda message: "") -> None:
        self.fault = fault
        self.arrivals: list[Arrival] = []
        self.port = 0

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}/hooks/secret-path"

    def taken(self) -> list[Arrival]:
        """What it took, each once: repeats are dropped by their id."""
        first = {arrival.message["id"]: arrival for arrival in reversed(self.arrivals) if arrival.taken}
        return sorted(first.values(), key=self.arrivals.index)

    def until(self, count: int, within: float = 30.0) -> list[Arrival]:
        """Wait for so many different messages."""
        deadline = time.monotonic() + within
        while len(taken := self.taken()) < count:
            assert time.monotonic() < deadline, f"{len(taken)} of {count} messages came"
            time.sleep(0.02)
        return taken

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """What it does with a request. AssertionError if it is not signed as it must be."""
        body = await request.read()
        message = Webhook(SECRET).verify(body, dict(request.headers))["data"]
        assert request.headers["webhook-id"] == message["id"]
        arrival = Arrival(round(time.time() * 1000), message, self.fault(message))
        self.arrivals.append(arrival)
        return await self._act(request, arrival.fault)

    async def _act(self, request: web.Request, fault: str) -> web.StreamResponse:
        match fault.removesuffix("_taken"):
            case "":
                return web.Response(status=204)
            case "slow":
                await asyncio.sleep(SLOW)
                return web.Response(text="ok")
            case "error":
                return web.Response(status=500)
            case "hang":
                await asyncio.sleep(HANG)
                return web.Response()
            case "reset":
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            case "busy":
                return web.Response(status=429, headers={"Retry-After": "1"})
            case "redirect":
                return web.Response(status=307, headers={"Location": self.url + "/elsewhere"})
            case "gone":
                return web.Response(status=410)
        return web.Response(status=int(fault))


def seeded(seed: int, share: float, faults: tuple[str, ...] = FAULTS) -> Callable[[dict[str, Any]], str]:
    """Something goes wrong with this share of requests."""
    random = Random(seed)
    return lambda message: random.choice(faults) if random.random() < share else ""


@contextmanager
def serving(*receivers: Receiver) -> Iterator[None]:
    """The receivers at work."""
    loop = asyncio.new_event_loop()
    runners = [loop.run_until_complete(_serve(receiver)) for receiver in receivers]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(_close(runners), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _serve(receiver: Receiver) -> web.AppRunner:
    app = web.Application()
    app.router.add_post("/{path:.*}", receiver.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", receiver.port)
    await site.start()
    receiver.port = runner.addresses[0][1]
    return runner


async def _close(runners: list[web.AppRunner]) -> None:
    for runner in runners:
        await runner.cleanup()


def described(**receivers: Receiver) -> str:
    """An endpoints file of these, each by its name."""
    return "\n".join(
        f"[endpoints.{name}]\nurl = {json.dumps(receiver.url)}\nallow = ['127.0.0.1']\nsecret = ['{SECRET}']\n"
        f"topics = ['cart-abandonments', 'churn-alerts']\n"
        for name, receiver in receivers.items()
    )
