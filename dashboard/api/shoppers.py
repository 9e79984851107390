"""Shoppers by their ids: one, or many at once."""

from __future__ import annotations

import asyncio

import msgspec
from aiohttp import web

from dashboard.answers.shopper import Shopper
from dashboard.answers.shopper import shopper as card
from dashboard.api import parameters
from dashboard.api.json_answer import Body, answered
from dashboard.api.types import BatchGet, Found
from dashboard.keys import SHOP, WATCHER
from dashboard.problems import ProblemFound
from sinks import read_model

_decode = msgspec.json.Decoder(BatchGet).decode


async def one(request: web.Request) -> web.Response:
    """A shopper's card. ProblemFound if nothing is known of one."""
    user = parameters.shopper(request)
    reader, shop = request.app[WATCHER].reader, request.app[SHOP]
    found: Shopper | None = await asyncio.to_thread(card, reader, user, shop)
    if found is None:
        raise ProblemFound("not-found", "no such shopper: never seen, or forgotten after a long silence")
    return answered(request, Body.of(found))


async def batch_get(request: web.Request) -> web.Response:
    """Many profiles: one trip to Redis, with one MGET a shard."""
    if request.content_type != "application/json":
        raise ProblemFound("unsupported-media-type", "expected Content-Type: application/json")
    try:
        ids = [parameters.checked(user) for user in _decode(await request.read()).ids]
    except msgspec.MsgspecError as error:
        raise ProblemFound("bad-request", f'expected {{"ids": [...]}} with at most 500 ids: {error}') from None
    reader, settings = request.app[WATCHER].reader, request.app[SHOP].settings
    found = await asyncio.to_thread(read_model.profiles_of, reader, ids, settings)
    missing = tuple(user for user in dict.fromkeys(ids) if user not in found)
    return web.Response(body=Body.of(Found(tuple(found.values()), missing)).content, content_type="application/json")
