"""JSON answers: their tag, by which a program that has the same already is spared the rest."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import msgspec
from aiohttp import web
from msgspec import Struct

from dashboard.answers.feed import Item
from dashboard.keys import SHOP, WATCHER
from dashboard.problems import ProblemFound
from dashboard.shop import ShopView
from dashboard.snapshot import Snapshot

encode = msgspec.json.Encoder().encode
Answer = Callable[[Snapshot, ShopView, list[Item]], Any]
"""What a view tells, of a snapshot, the shop and the newest outputs."""


class Body(Struct, frozen=True):
    """An answer as it is sent."""

    content: bytes
    tag: str

    @classmethod
    def of(cls, value: Any) -> Body:
        """The body that tells a value."""
        content = encode(value)
        return cls(content, blake2b(content, digest_size=12).hexdigest())


def answered(request: web.Request, body: Body) -> web.Response:
    """The answer, or 304 to who has it already."""
    headers = {"ETag": f'"{body.tag}"', "Cache-Control": "no-cache"}
    if any(tag.value in (body.tag, "*") for tag in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    return web.Response(body=body.content, content_type="application/json", headers=headers)


async def current(request: web.Request) -> Snapshot:
    """A fresh snapshot. ProblemFound while Redis does not answer: a program must not take the past for the present."""
    snapshot = await request.app[WATCHER].fresh()
    if snapshot.problem:
        raise ProblemFound("store-unavailable", snapshot.problem, {"Retry-After": "2"})
    return snapshot


class Told:
    """A view for programs: worked out once a snapshot, however many ask."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._last: tuple[Snapshot, Body] | None = None

    async def __call__(self, request: web.Request) -> web.Response:
        """Answer with what the newest snapshot tells."""
        snapshot = await current(request)
        if self._last is None or self._last[0] is not snapshot:
            feed = list(request.app[WATCHER].feed)
            self._last = (snapshot, Body.of(self._answer(snapshot, request.app[SHOP], feed)))
        return answered(request, self._last[1])
