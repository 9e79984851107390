"""What became of messages at one endpoint."""

from __future__ import annotations

import asyncio

from aiohttp import web

from dashboard.answers.endpoints import Deliveries
from dashboard.api import parameters
from dashboard.api.json_answer import Body, answered, current
from dashboard.keys import WATCHER
from dashboard.problems import ProblemFound
from sinks import read_model


async def deliveries(request: web.Request) -> web.Response:
    """The newest deliveries. ProblemFound if there is no such endpoint."""
    name, limit = parameters.endpoint(request), parameters.number(request, parameters.DELIVERIES)
    known = (await current(request)).endpoints
    if name not in {each.report.name for each in known}:
        raise ProblemFound("not-found", "no such endpoint: nothing was told of it within a day")
    found = await asyncio.to_thread(read_model.deliveries, request.app[WATCHER].reader, name, limit)
    return answered(request, Body.of(Deliveries(name, tuple(found))))
