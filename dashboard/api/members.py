"""Who holds a tag: a page of them as JSON, or the newest 10,000 as CSV."""

from __future__ import annotations

from aiohttp import web

from dashboard.answers import members as told
from dashboard.api import parameters
from dashboard.api.json_answer import Body, answered, current
from dashboard.keys import ROLLS, SHOP
from dashboard.problems import ProblemFound
from dashboard.rolls import Roll

PATIENCE = 25.0
"""Seconds for which CSV is waited for; proxies give up after 30 or 60."""


async def members(request: web.Request) -> web.Response:
    """A page, or all that are kept. ProblemFound if they could not be found."""
    tag, shop = parameters.tag(request), request.app[SHOP]
    if parameters.choice(request, parameters.MEMBERS_FORMAT):
        roll = await _roll(request, tag, PATIENCE)
        if not roll.finished:
            detail = f"{roll.seen:,} shoppers were looked at so far: ask again, or use `kairos members`"
            raise ProblemFound("store-unavailable", detail, {"Retry-After": "10"})
        headers = {"Content-Disposition": 'attachment; filename="members.csv"', "Cache-Control": "no-cache"}
        text = told.as_csv(roll.members, shop.settings.currency)
        return web.Response(text=text, content_type="text/csv", headers=headers)
    after, limit = parameters.after_member(request), parameters.number(request, parameters.PAGE)
    snapshot, roll = await current(request), await _roll(request, tag, 2.0)
    return answered(request, Body.of(told.members(snapshot, shop, tag, roll, after, limit)))


async def _roll(request: web.Request, tag: str, patience: float) -> Roll:
    roll = await request.app[ROLLS].get(tag, patience)
    if roll.problem:
        raise ProblemFound("store-unavailable", roll.problem, {"Retry-After": "2"})
    return roll
