"""The pages' URLs, and their handlers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from aiohttp import web

from dashboard.answers import members, story
from dashboard.answers.shopper import shopper
from dashboard.event_stream import stream
from dashboard.keys import ROLLS, SHOP, WATCHER
from dashboard.pages import asked as asking
from dashboard.pages.asked import Asked
from dashboard.pages.live import Live
from dashboard.pages.render import STATIC, Renderer
from dashboard.pages.views import VIEWS, Seen, View
from sinks.store import StoreError

Handler = Callable[[web.Request], Coroutine[Any, Any, web.StreamResponse]]
HTML = "text/html"


class _Pages:
    """What the handlers of one application share."""

    def __init__(self, app: web.Application) -> None:
        self.renderer = Renderer(app[SHOP])
        self.live = Live(self.renderer, app[WATCHER])


_all: WeakKeyDictionary[web.Application, _Pages] = WeakKeyDictionary()


def _pages(request: web.Request) -> _Pages:
    app = request.app
    if app not in _all:
        _all[app] = _Pages(app)
    return _all[app]


def routes(views: Mapping[str, View] = VIEWS) -> list[web.AbstractRouteDef]:
    """Every URL for people."""
    return [
        *(web.get(view.path, _shown(view)) for view in views.values()),
        *(web.get(f"/live/{view.name}", _live(view)) for view in views.values()),
        web.get("/shoppers/find", _find),
        web.get("/shoppers/{id:[^/]+}", _card),
        web.get("/favicon.ico", _icon),
        web.get("/tags/{tag:[^/]+}", _members),
        web.static("/static", STATIC),
    ]


async def _icon(_request: web.Request) -> web.StreamResponse:
    """What browsers ask for beside JSON."""
    raise web.HTTPMovedPermanently("/static/icon.svg")


def sign_in_page(request: web.Request, to: str, wrong: bool) -> str:
    """The sign-in page: where to go afterwards, and whether the token was wrong."""
    return _pages(request).renderer.other("sign_in.html", asking.asked(request), next=to, wrong=wrong)


def _html(request: web.Request, text: str, status: int = 200) -> web.Response:
    response = web.Response(text=text, content_type=HTML, status=status, headers={"Cache-Control": "no-cache"})
    response.headers["Vary"] = "Accept-Language, Cookie"
    asking.remember(request, response)
    return response


def _shown(view: View) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        await request.app[WATCHER].fresh()
        pages, asked = _pages(request), asking.asked(request)
        sections = pages.live.sections(view, asked)
        return _html(request, pages.renderer.page(view, sections, asked))

    return handle


def _live(view: View) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await stream(request, _pages(request).live.changes(view, asking.asked(request)))

    return handle


async def _find(request: web.Request) -> web.StreamResponse:
    """The card of the shopper who was looked for: where it has an address, by that."""
    asked, user = asking.asked(request), request.query.get("id", "").strip()
    there = asked.shopper(user)
    if user and not there.startswith("/shoppers/find"):
        raise web.HTTPFound(there)
    return await _told(request, user, asked)


async def _card(request: web.Request) -> web.StreamResponse:
    return await _told(request, request.match_info["id"], asking.asked(request))


async def _members(request: web.Request) -> web.StreamResponse:
    """Who holds a tag, a page of them."""
    renderer, shop, asked = _pages(request).renderer, request.app[SHOP], asking.asked(request)
    seen, tag = Seen(await request.app[WATCHER].fresh()), request.match_info["tag"]
    roll = await request.app[ROLLS].get(tag)
    if roll.problem or seen.snapshot is None:
        return _html(request, renderer.other("failed.html", asked, problem=roll.problem), 503)
    try:
        after = members.position(request.query["after"]) if "after" in request.query else None
    except ValueError:
        after = None
    page = members.members(seen.snapshot, shop, tag, roll, after)
    return _html(request, renderer.other("members.html", asked, page=page, seen=seen))


async def _told(request: web.Request, user: str, asked: Asked) -> web.StreamResponse:
    """A shopper's card, or that there is none."""
    renderer, shop, watcher = _pages(request).renderer, request.app[SHOP], request.app[WATCHER]
    seen = Seen(await watcher.fresh())
    try:
        found = await asyncio.to_thread(shopper, watcher.reader, user, shop) if user else None
    except StoreError as error:
        return _html(request, renderer.other("failed.html", asked, problem=str(error)), 503)
    if found is None:
        return _html(request, renderer.other("unknown.html", asked, user=user, seen=seen), 404)
    told = story.story(found, asked.words(shop.settings.time_zone))
    return _html(request, renderer.other("shopper.html", asked, card=found, story=told, seen=seen))
