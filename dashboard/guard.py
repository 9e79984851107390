"""The guard: middlewares that every request passes, and headers that every answer has.

errors (problems, no tracebacks) ─▶ called (Host) ─▶ shared (CORS, cross-site POST) ─▶ signed in (token) ─▶ handler
"""

from __future__ import annotations

import asyncio
import logging
import time
from urllib.parse import quote, urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from dashboard import problems
from dashboard.access import Access, bare
from dashboard.keys import ACCESS
from dashboard.looker import told
from dashboard.problems import ProblemFound
from sinks.store import StoreError

log = logging.getLogger(__name__)

COOKIE = "kairos_session"
OPEN = ("/sign-in", "/static/", "/api/v1/ready")
"""What needs no token: where it is given, what that page is made of, and what a probe asks."""
FOR_PROGRAMS = ("/api/", "/live/")
GUESS = 0.25
"""Seconds that a wrong token waits; one after the other."""
GUESSING = 50
"""Wrong tokens that may wait."""

POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with no-referrer a browser sends forms with the origin "null"
    "Cross-Origin-Opener-Policy": "same-origin",
    "Server": "Kairos",
}
SHARED = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-None-Match, Last-Event-ID",
    "Access-Control-Expose-Headers": "ETag, Retry-After",
    "Access-Control-Max-Age": "600",
}


async def head(request: web.Request, response: web.StreamResponse) -> None:
    """Put the headers on that every answer has; a signal of aiohttp, sent before any answer, streams too."""
    response.headers.update(HEADERS)
    if request.path.startswith("/api/") and request.app[ACCESS].cors:
        response.headers["Vary"] = "Origin"
        if (origin := request.headers.get("Origin", "")) in request.app[ACCESS].cors:
            response.headers.update(SHARED | {"Access-Control-Allow-Origin": origin})


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Tell what goes wrong as problem details, without anything of the inside."""
    try:
        return await handler(request)
    except ProblemFound as problem:
        return problems.answer(request, problem)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return problems.answer(request, problems.of_http(error, request))
    except StoreError as error:
        return problems.answer(request, ProblemFound("store-unavailable", told(error), {"Retry-After": "2"}))
    except Exception:
        resource = request.match_info.route.resource
        log.exception("a bug: %s %s", request.method, resource.canonical if resource else "?")
        return problems.answer(request, ProblemFound("bug", "the log of the page has the details"))


@web.middleware
async def called(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a name that is not ours: a foreign page could have made it lead here."""
    if not request.app[ACCESS].called(request.headers.get("Host", "")):
        raise ProblemFound(
            "misdirected", "unknown host: KAIROS_DASHBOARD_HOSTS lists names, beside localhost and IP addresses"
        )
    return await handler(request)


@web.middleware
async def shared(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let scripts of some origins read the API, and no other site send a form."""
    origin, access = request.headers.get("Origin"), request.app[ACCESS]
    if origin is None or origin in access.cors:
        if request.method == "OPTIONS" and origin and request.path.startswith("/api/"):
            return web.Response(status=204)
        return await handler(request)
    own = bare(urlsplit(origin).netloc) == bare(request.headers.get("Host", ""))
    if request.method == "POST" and not own:
        raise ProblemFound("forbidden", "a page of another site sent this; KAIROS_DASHBOARD_CORS lists origins")
    return await handler(request)


class SignedIn:
    """Asks for the token, and slows down who guesses it.

    Parameters
    ----------
    access
        Whose token.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._one = asyncio.Lock()
        self._guessing = 0

    def middleware(self) -> Middleware:
        """Let nobody pass but who has the token, or a cookie for it; show people where to sign in."""

        @web.middleware
        async def signed_in(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not self._access.token or request.path.startswith(OPEN) or await self._known(request):
                return await handler(request)
            if request.path.startswith(FOR_PROGRAMS):
                raise ProblemFound(
                    "not-signed-in", "send the token as Authorization: Bearer", {"WWW-Authenticate": "Bearer"}
                )
            raise web.HTTPSeeOther(f"/sign-in?next={quote(request.rel_url.raw_path_qs, safe='/')}")

        return signed_in

    async def _known(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return await self.guess(token.strip())
        return self._access.valid(request.cookies.get(COOKIE, ""), int(time.time() * 1000))

    async def guess(self, token: str) -> bool:
        """Whether it is the token. A wrong one waits, and all wrong ones wait in one row.

        Raises
        ------
        ProblemFound
            Too many wrong ones are waiting.
        """
        if self._access.knows(token):
            return True
        if self._guessing >= GUESSING:
            raise ProblemFound("too-many-guesses", "wait a little", {"Retry-After": "10"})
        self._guessing += 1
        try:
            async with self._one:
                await asyncio.sleep(GUESS)
        finally:
            self._guessing -= 1
        return False
