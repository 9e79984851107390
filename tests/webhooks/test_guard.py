"""Where requests may go, and what comes of an attempt: by a real server on the loopback address."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest

from sinks.webhooks.endpoints import Endpoint
from sinks.webhooks.guard import Forbidden, public, sockets
from sinks.webhooks.policy import Answer
from sinks.webhooks.preset import Request
from sinks.webhooks.sender import HttpSender

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]
INFO = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))


def endpoint(url: str = "https://hooks.example/x", **more: Any) -> Endpoint:
    return Endpoint(name="e", url=url, topics=("churn-alerts",), **more)


@pytest.mark.parametrize("address", ["192.168.1.5", "100.64.0.1", "fd00::1", "::ffff:127.0.0.1", "::", "198.18.0.1"])
def test_private_addresses_are_not_public(address: str) -> None:
    assert not public(address)


def test_the_address_that_is_connected_to_is_looked_at() -> None:
    with pytest.raises(Forbidden, match="not a public address"):
        sockets(endpoint())(INFO)
    for allow in ("127.0.0.1", "127.0.0.0/8", "hooks.example"):
        sockets(endpoint(allow=(allow,)))(INFO).close()
    with pytest.raises(Forbidden):
        sockets(endpoint(allow=("10.0.0.0/8",)))(INFO)


def attempt(handler: Handler, within: int = 500, allow: tuple[str, ...] = ("127.0.0.1",)) -> Answer:
    """One attempt at a server that does so with each connection."""

    async def tried() -> Answer:
        open_: list[tuple[asyncio.Task[Any], asyncio.StreamWriter]] = []

        async def kept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task
            open_.append((task, writer))
            await handler(reader, writer)

        server = await asyncio.start_server(kept, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{port}/secret-path"
        sender = HttpSender(endpoint(url, allow=allow))
        await sender.start()
        try:
            return await sender.send(Request("POST", url, {"content-type": "application/json"}, b"{}"), within)
        finally:
            await sender.stop()
            server.close()
            for task, writer in open_:
                task.cancel()
                writer.close()
            await asyncio.gather(*(task for task, _ in open_), return_exceptions=True)
            await asyncio.sleep(0)

    return asyncio.run(tried())


def says(answer: bytes) -> Handler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n{}")
        writer.write(answer)
        await writer.drain()
        writer.close()

    return handle


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1_000)
    await asyncio.sleep(2)


def test_nothing_is_sent_to_a_private_address() -> None:
    answer = attempt(says(b"HTTP/1.1 200 OK\r\n\r\n"), allow=())
    assert (answer.status, answer.exposed) == (0, False)
    assert "127.0.0.1 is not a public address" in answer.why


@pytest.mark.parametrize(
    ("said", "status", "exposed", "after"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, False, None),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", 302, False, None),
        (b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\nno", 503, True, 7_000),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\ncut off", 200, False, None),
        (b"nonsense", 0, True, None),
        (b"", 0, True, None),
    ],
)
def test_what_an_answer_is(said: bytes, status: int, exposed: bool, after: int | None) -> None:
    answer = attempt(says(said))
    assert (answer.status, answer.exposed, answer.retry_after) == (status, exposed, after)
    assert "secret-path" not in answer.why


def test_silence_ends_when_it_may_take_no_longer() -> None:
    answer = attempt(silent, within=200)
    assert (answer.status, answer.exposed, answer.why) == (0, True, "no answer within 0.2 s")
    assert 150 < answer.took < 1_500


def test_who_does_not_listen_has_not_got_it() -> None:
    async def tried() -> Answer:
        sender = HttpSender(endpoint("http://127.0.0.1:1/", allow=("127.0.0.1",)))
        await sender.start()
        try:
            return await sender.send(Request("POST", "http://127.0.0.1:1/", {}, b"{}"), 500)
        finally:
            await sender.stop()

    answer = asyncio.run(tried())
    assert (answer.status, answer.exposed) == (0, False)
    assert answer.why.startswith("no connection")
