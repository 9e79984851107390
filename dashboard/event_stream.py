"""Server-sent events: one helper for every stream, so that all of them begin, beat and end alike.

Source: the HTML standard, 9.2 Server-sent events.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from typing import Any, NamedTuple

from aiohttp import ClientConnectionResetError, web

HEARTBEAT = 15.0
"""Seconds at most between two signs that a stream lives: an event, or a comment."""
STILL = b": still here\n\n"
RETRY = 2_000
"""After how many ms a browser tries again."""
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}


class Streams:
    """The tasks that answer a stream now, and whether the server ends."""

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[Any]] = set()
        self.ending = False

    async def end(self, _app: web.Application) -> None:
        """End all of them at once."""
        self.ending = True
        for task in list(self.tasks):
            task.cancel()


STREAMS: web.AppKey[Streams] = web.AppKey("streams", Streams)


class Event(NamedTuple):
    """One event: its data, its type ("": `message`) and the id to resume by ("": the last one stays)."""

    data: str = ""
    event: str = ""
    id: str = ""

    def encode(self) -> bytes:
        r"""The event as it is sent. No line break in it can end it early.

        >>> Event("a\nb\r\nc", "seen", "7").encode()
        b'event: seen\nid: 7\ndata: a\ndata: b\ndata: c\n\n'
        >>> Event(id="7").encode()
        b'id: 7\n\n'
        """
        head = "".join(f"{name}: {_line(value)}\n" for name, value in (("event", self.event), ("id", self.id)) if value)
        lines = self.data.replace("\r\n", "\n").replace("\r", "\n").split("\n") if self.data else []
        return (head + "".join(f"data: {line}\n" for line in lines) + "\n").encode(errors="replace")


def _line(value: str) -> str:
    return value.replace("\r", "").replace("\n", "").replace("\0", "")


def patience() -> float:
    """Seconds that events may be waited for before it is said that there are none."""
    return HEARTBEAT / 2


async def stream(
    request: web.Request, events: AsyncGenerator[Event | bytes | None], headers: Mapping[str, str] | None = None
) -> web.StreamResponse:
    """Answer with events as they come, until the viewer is gone, the iterator ends, or the server does.

    Parameters
    ----------
    events
        What to send; bytes are events that were encoded before, for many viewers. None says that there is nothing new,
        which is to come within `patience`.
    headers
        More headers of the answer.
    """
    response = web.StreamResponse(headers={**HEADERS, **(headers or {})})
    if request.method == "HEAD":
        await response.prepare(request)
        return response
    task = asyncio.current_task()
    assert task is not None
    streams = request.app[STREAMS]
    streams.tasks.add(task)
    try:
        with suppress(ClientConnectionResetError, ConnectionResetError):
            await response.prepare(request)
            await response.write(f"retry: {RETRY}\n\n".encode())
            async with aclosing(events):
                await _send(response, events)
    except asyncio.CancelledError:
        if not streams.ending:
            raise
    finally:
        streams.tasks.discard(task)
    return response


async def _send(response: web.StreamResponse, events: AsyncGenerator[Event | bytes | None]) -> None:
    said = time.monotonic()
    async for event in events:
        now = time.monotonic()
        if event is None and now - said < patience():
            continue
        said = now
        await response.write(event.encode() if isinstance(event, Event) else event or STILL)


def install(app: web.Application) -> None:
    """Let an application have streams: they end when it shuts down."""
    app[STREAMS] = Streams()
    app.on_shutdown.append(app[STREAMS].end)
