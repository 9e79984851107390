"""A stand-in of another maker's system: it checks requests as the maker's API documents, and answers as they say."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from aiohttp import web
from aiohttp.test_utils import TestServer


class Answer(NamedTuple):
    """Of a stand-in: the status, and what it says."""

    status: int
    said: str = ""


class StandIn(Protocol):
    """Takes requests, and keeps what it took."""

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer: ...


class Refused(Exception):
    """A request is not as the documents say."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.answer = Answer(status, said)


def expect(condition: object, said: str, status: int = 400) -> None:
    """Refuse a request that does not meet a condition."""
    if not condition:
        raise Refused(status, said)


def parsed(body: bytes) -> Any:
    """The JSON of a body; no NaN, and no key twice."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        expect(len(dict(pairs)) == len(pairs), "a key twice")
        return dict(pairs)

    try:
        return json.loads(body, object_pairs_hook=once, parse_constant=lambda _: expect(False, "no JSON"))
    except ValueError:
        raise Refused(400, "no JSON") from None


def moment(text: object) -> datetime:
    """ISO 8601 with a zone."""
    expect(isinstance(text, str) and re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", text), f"no ISO 8601: {text}")
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        raise Refused(400, f"no ISO 8601: {text}") from None
    expect(found.tzinfo is not None, f"no zone: {text}")
    return found


@asynccontextmanager
async def served(stand_in: StandIn) -> AsyncIterator[str]:
    """The stand-in on a free port of this machine: its address."""

    async def handle(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        answer = stand_in.answer(request.method, request.raw_path, headers, await request.read())
        return web.Response(status=answer.status, text=answer.said)

    app = web.Application(client_max_size=2**24)
    app.router.add_route("*", "/{tail:.*}", handle)
    server = TestServer(app)
    await server.start_server()
    try:
        yield str(server.make_url("")).rstrip("/")
    finally:
        await server.close()
