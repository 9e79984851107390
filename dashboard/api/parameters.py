"""Parameters of URLs: checked, and told what was expected."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from aiohttp import web

from dashboard import cursor
from dashboard.answers import members
from dashboard.problems import ProblemFound
from models.features import SHOPPERS

LONGEST_ID = 256
"""Most bytes a shopper's id may have: a longer one was never stored."""


class Parameter(NamedTuple):
    """A parameter of an operation, for its description.

    Attributes
    ----------
    name, place
        What it is called, and where it stands: ``query``, ``path`` or ``header``.
    about
        What it says.
    schema
        What it may be, as JSON Schema.
    """

    name: str
    place: str
    about: str
    schema: Mapping[str, Any]


SHOPPER = Parameter("id", "path", "The shopper's id, percent-encoded, at most 256 bytes.", {"type": "string"})
LAST = Parameter(
    "last",
    "query",
    "How many minutes, up to the newest.",
    {"type": "integer", "minimum": 1, "maximum": 1440, "default": 60},
)
TOPIC = Parameter("topic", "query", "Only this output.", {"enum": list(SHOPPERS.outputs)})
USER = Parameter("user", "query", "Only what is about this shopper.", {"type": "string"})
AFTER = Parameter("after", "query", "A cursor: what came after it.", {"type": "string"})
RESUMED = Parameter("Last-Event-ID", "header", "The same, as a browser sends it.", {"type": "string"})
FORMAT = Parameter(
    "format", "query", "`json`: one answer instead of a stream, as `Accept: application/json`.", {"enum": ["json"]}
)
LIMIT = Parameter(
    "limit",
    "query",
    "As JSON: at most so many outputs.",
    {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
)

TAG = Parameter("tag", "path", "The tag, as it is announced: `segment:loyal`; percent-encoded.", {"type": "string"})
MEMBERS_FORMAT = Parameter("format", "query", "`csv`: the newest 10,000, money in whole units.", {"enum": ["csv"]})
PAGE = Parameter(
    "limit",
    "query",
    "Members of a page.",
    {"type": "integer", "minimum": 1, "maximum": 1000, "default": members.PAGE},
)
AFTER_MEMBER = Parameter("after", "query", "`after` of the page before.", {"type": "string"})

ENDPOINT = Parameter("name", "path", "The endpoint's name, as in the file of endpoints.", {"type": "string"})
DELIVERIES = Parameter(
    "limit",
    "query",
    "At most so many deliveries.",
    {"type": "integer", "minimum": 1, "maximum": 500, "default": 100},
)


def number(request: web.Request, parameter: Parameter) -> int:
    """A whole number of the query within its bounds. ProblemFound if it is none."""
    low, high = parameter.schema["minimum"], parameter.schema["maximum"]
    text = request.query.get(parameter.name, str(parameter.schema["default"]))
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or not low <= int(text) <= high:
        raise ProblemFound("bad-request", f"{parameter.name}: expected a whole number from {low} to {high}")
    return int(text)


def choice(request: web.Request, parameter: Parameter) -> str:
    """One of the words of the query's parameter, "" if it is not given. ProblemFound if it is none of them."""
    text, choices = request.query.get(parameter.name, ""), parameter.schema["enum"]
    if text and text not in choices:
        raise ProblemFound("bad-request", f"{parameter.name}: expected {' or '.join(choices)}")
    return text


def known(request: web.Request, allowed: Collection[Parameter]) -> None:
    """Refuse a parameter that nobody reads: one that is misspelled would do nothing in silence."""
    names = {parameter.name for parameter in allowed if parameter.place == "query"}
    for name in request.query:
        if name not in names:
            expected = f"expected {', '.join(sorted(names))}" if names else "there are none here"
            raise ProblemFound("bad-request", f"{name[:40]}: no such parameter; {expected}")


def positions(request: web.Request) -> dict[int, str] | None:
    """Where a reader of the feed begins, by partition; None: now. ProblemFound if it is no cursor."""
    text = request.query.get(AFTER.name) or request.headers.get(RESUMED.name)
    if not text:
        return None
    try:
        return cursor.read(text)
    except ValueError as error:
        raise ProblemFound("bad-request", f"cursor: {error}") from None


def tag(request: web.Request) -> str:
    """The tag of the path. ProblemFound if it is too long to be one."""
    return checked(request.match_info[TAG.name])


def endpoint(request: web.Request) -> str:
    """The endpoint of the path. ProblemFound if it is too long to be one."""
    return checked(request.match_info[ENDPOINT.name])


def after_member(request: web.Request) -> tuple[int, str] | None:
    """Whom a page of members follows; None: the first page. ProblemFound if it is nothing of the kind."""
    text = request.query.get(AFTER_MEMBER.name)
    try:
        return members.position(text) if text else None
    except ValueError as error:
        raise ProblemFound("bad-request", f"after: {error}") from None


def shopper(request: web.Request) -> str:
    """The shopper's id of the path. ProblemFound if nobody can have it."""
    return checked(request.match_info[SHOPPER.name])


def checked(user: str) -> str:
    """An id or a name, as it was given; ProblemFound if it is too long to be one."""
    if len(user.encode(errors="surrogatepass")) > LONGEST_ID:
        raise ProblemFound("bad-request", f"id: longer than {LONGEST_ID} bytes")
    return user
