"""Errors as RFC 9457 has them: problem details, ``application/problem+json``."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from aiohttp import web
from msgspec import Struct

CONTENT_TYPE = "application/problem+json"

KINDS: Mapping[str, tuple[int, str]] = {
    "bad-request": (400, "The request is not as it must be"),
    "not-signed-in": (401, "A token is needed"),
    "forbidden": (403, "Not from there"),
    "not-found": (404, "There is no such thing"),
    "method-not-allowed": (405, "That cannot be done here"),
    "too-large": (413, "The request is too large"),
    "unsupported-media-type": (415, "The body is of another type"),
    "misdirected": (421, "The page is not called that"),
    "too-many-guesses": (429, "Too many wrong tokens"),
    "bug": (500, "Something is wrong here"),
    "store-unavailable": (503, "Redis does not answer"),
}
"""Every kind of problem: its status and title. The type is ``urn:kairos:problem:`` and the kind."""
BY_STATUS = {status: kind for kind, (status, _) in KINDS.items()}


class Problem(Struct, frozen=True):
    """What went wrong.

    Attributes
    ----------
    type, title, status
        Which kind of problem, for programs and for people, and the HTTP status.
    detail
        What it was this time, and what to do.
    instance
        The path that was asked for.
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str


class ProblemFound(Exception):
    """Ends a request with a problem.

    Parameters
    ----------
    kind
        One of `KINDS`.
    detail
        What it was, and what to do.
    headers
        More headers of the answer.
    """

    def __init__(self, kind: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.headers = kind, detail, dict(headers or {})


def answer(request: web.Request, problem: ProblemFound) -> web.Response:
    """The answer that tells a problem."""
    status, title = KINDS[problem.kind]
    body = Problem(f"urn:kairos:problem:{problem.kind}", title, status, problem.detail, request.rel_url.raw_path)
    encoded = msgspec.json.encode(body)
    headers = {"Cache-Control": "no-store", **problem.headers}
    return web.Response(body=encoded, status=status, content_type=CONTENT_TYPE, headers=headers)


def of_http(error: web.HTTPException, request: web.Request) -> ProblemFound:
    """The problem that aiohttp's own error is."""
    kind = BY_STATUS.get(error.status, "bad-request" if error.status < HTTPStatus.INTERNAL_SERVER_ERROR else "bug")
    match error:
        case web.HTTPNotFound():
            detail = f"{request.rel_url.raw_path}: no such path; docs/read-api.md lists all"
        case web.HTTPMethodNotAllowed():
            allowed = ", ".join(sorted(error.allowed_methods))
            return ProblemFound(kind, f"allowed here: {allowed}", {"Allow": allowed})
        case web.HTTPRequestEntityTooLarge():
            detail = "the body is larger than 512 KB"
        case _:
            detail = error.reason
    return ProblemFound(kind, detail)
