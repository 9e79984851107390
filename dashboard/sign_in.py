"""Signing in and out: the token once, then a cookie."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from aiohttp import web

from dashboard.access import LASTS
from dashboard.guard import COOKIE, SignedIn
from dashboard.keys import ACCESS

Page = Callable[[web.Request, str, bool], str]
"""The sign-in page as HTML: of a request, where to go afterwards, and whether the token was wrong."""


def routes(signed_in: SignedIn, page: Page) -> Sequence[web.RouteDef]:
    """``/sign-in`` and ``/sign-out``."""

    async def show(request: web.Request) -> web.StreamResponse:
        """The form."""
        return _shown(page(request, local(request.query.get("next", "/")), False), 200)

    async def sign_in(request: web.Request) -> web.StreamResponse:
        """Give a cookie for the right token; show the form again for a wrong one."""
        form = await request.post()
        to = local(str(form.get("next", "/")))
        if not await signed_in.guess(str(form.get("token", ""))):
            return _shown(page(request, to, True), 403)
        access = request.app[ACCESS]
        response = web.HTTPSeeOther(to)
        secure = request.secure or (access.proxied and request.headers.get("X-Forwarded-Proto") == "https")
        value = access.session(int(time.time() * 1000))
        lasts = LASTS // 1000
        response.set_cookie(COOKIE, value, max_age=lasts, httponly=True, samesite="Strict", secure=secure)
        raise response

    async def sign_out(request: web.Request) -> web.StreamResponse:
        """Take the cookie back."""
        response = web.HTTPSeeOther("/sign-in")
        response.del_cookie(COOKIE, httponly=True, samesite="Strict")
        raise response

    return [web.get("/sign-in", show), web.post("/sign-in", sign_in), web.post("/sign-out", sign_out)]


def _shown(html: str, status: int) -> web.Response:
    return web.Response(text=html, status=status, content_type="text/html", headers={"Cache-Control": "no-store"})


def local(to: str) -> str:
    """Where to go after signing in: a path of this page, whatever a link says.

    >>> local("/carts?wall"), local("https://evil.example/"), local("//evil.example"), local("/\\\\evil.example")
    ('/carts?wall', '/', '/', '/')
    """
    foreign = not to.startswith("/") or to.startswith(("//", "/\\")) or not to.isprintable()
    return "/" if foreign else to
