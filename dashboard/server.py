"""The page's server: pages, read API and static files in one aiohttp application."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from dashboard import event_stream, guard, sign_in
from dashboard.access import Access
from dashboard.api import routes as api
from dashboard.guard import SignedIn
from dashboard.keys import ACCESS, ROLLS, SHOP, WATCHER
from dashboard.pages import routes as pages
from dashboard.rolls import Rolls
from dashboard.shop import ShopView
from dashboard.watch import Watcher

BODY = 512 * 1024
"""Most bytes a request may have: a batch look-up of 500 ids of 256 bytes, escaped."""
LINE = 32 * 1024
"""Most bytes a header or the first line may have: a cursor names every shard."""
ENDS = 1.0
"""Seconds that requests have to end when the server does; streams end at once."""

silent = logging.getLogger(f"{__name__}.http")
"""Takes what aiohttp says of requests that are no HTTP: it would quote them, and a token may be in them."""
silent.setLevel(logging.CRITICAL + 1)


def build(watcher: Watcher, shop: ShopView, access: Access) -> web.Application:
    """The application. It starts and ends the watcher with itself.

    Raises
    ------
    ValueError
        Others could look without a token.
    """
    if complaint := access.complaint():
        raise ValueError(complaint)
    signed_in = SignedIn(access)
    guards = [guard.errors, guard.called, guard.shared, signed_in.middleware()]
    app = web.Application(client_max_size=BODY, middlewares=guards)
    app[WATCHER], app[SHOP], app[ACCESS] = watcher, shop, access
    app[ROLLS] = Rolls(watcher.reader, shop.settings)
    event_stream.install(app)
    app.on_response_prepare.append(guard.head)
    app.cleanup_ctx.append(_watching)
    app.add_routes([*api.routes(), *pages.routes(), *sign_in.routes(signed_in, pages.sign_in_page)])
    return app


async def _watching(app: web.Application) -> AsyncIterator[None]:
    async with app[WATCHER]:
        yield
    await app[ROLLS].close()


@asynccontextmanager
async def serving(app: web.Application, bind: str, port: int) -> AsyncIterator[int]:
    """Serve inside another program; yields the port (with 0: any that is free).

    Raises
    ------
    OSError
        The address is not to be had.
    """
    runner = web.AppRunner(
        app, shutdown_timeout=ENDS, access_log=None, logger=silent, max_line_size=LINE, max_field_size=LINE
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, bind, port).start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
