"""Every operation of the read API: where it is, what it answers, and who answers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple, cast

from aiohttp import web
from aiohttp.typedefs import Handler

from dashboard.answers.carts import Carts
from dashboard.answers.churn import Churn
from dashboard.answers.endpoints import Deliveries, Endpoints
from dashboard.answers.health import Health
from dashboard.answers.lift import Lifts
from dashboard.answers.members import Members
from dashboard.answers.now import Now
from dashboard.answers.shopper import Shopper
from dashboard.api import endpoints, feed, members, shoppers, views
from dashboard.api import parameters as p
from dashboard.api.json_answer import Answer, Body, Told, answered, current
from dashboard.api.types import BatchGet, Feed, Found, Minutes, Ready, Segments, Tags
from dashboard.keys import SHOP
from models.churn.card import Card

PREFIX = "/api/v1"


class Operation(NamedTuple):
    """One operation.

    Attributes
    ----------
    name, method, path
        What it is called, and where it is, under `PREFIX`.
    about
        What it tells, in one sentence.
    answers
        Who answers: what tells a snapshot, or a handler of requests.
    answer
        What, as JSON.
    problems
        Kinds of problems it has beside those that any may have.
    parameters
        What may be said in the URL.
    body
        What must be sent.
    """

    name: str
    method: str
    path: str
    about: str
    answers: Answer | Handler
    answer: Any
    problems: tuple[str, ...] = ()
    parameters: tuple[p.Parameter, ...] = ()
    body: Any = None


async def minutes(request: web.Request) -> web.Response:
    """The newest minutes."""
    last = p.number(request, p.LAST)
    return answered(request, Body.of(views.minutes(await current(request), request.app[SHOP], last)))


async def ready(request: web.Request) -> web.Response:
    """Whether Redis answers."""
    return answered(request, Body.of(Ready(True, len((await current(request)).shards))))


async def described(request: web.Request) -> web.Response:
    """All of this, as an OpenAPI document."""
    return answered(request, _description())


@cache
def _description() -> Body:
    from dashboard.api.openapi import document  # which describes what is here

    return Body.of(document())


VIEWS = (
    Operation("now", "GET", "/now", "The shop as it is now, beside yesterday and last week.", views.now, Now),
    Operation("segments", "GET", "/segments", "Segments, and who moved between them.", views.segments, Segments),
    Operation("tags", "GET", "/tags", "How many hold each tag and stage.", views.tags, Tags),
    Operation("carts", "GET", "/carts", "Open carts, and what became of reminders.", views.carts, Carts),
    Operation("churn", "GET", "/churn", "Risk of churn, alerts, and the model.", views.churn, Churn),
    Operation("lift", "GET", "/lift", "What messages bring, beside shoppers who are held out.", views.lift, Lifts),
    Operation("churnModel", "GET", "/churn/model", "The churn model's card.", views.model_card, Card, ("not-found",)),
    Operation("endpoints", "GET", "/endpoints", "Where messages are sent to.", views.endpoints, Endpoints),
    Operation("health", "GET", "/health", "Whether anything is wrong.", views.healthy, Health),
)
"""What is told of a snapshot."""

OTHERS = (
    Operation(
        "getShopper",
        "GET",
        "/shoppers/{id}",
        "What is known of a shopper, and what was said lately.",
        shoppers.one,
        Shopper,
        ("bad-request", "not-found"),
        (p.SHOPPER,),
    ),
    Operation(
        "batchGetShoppers",
        "POST",
        "/shoppers:batchGet",
        "Profiles of up to 500 shoppers.",
        shoppers.batch_get,
        Found,
        ("bad-request", "too-large", "unsupported-media-type"),
        body=BatchGet,
    ),
    Operation(
        "members",
        "GET",
        "/tags/{tag}/members",
        "Who is in a segment or stage, or holds a tag, newest first: a page, or CSV.",
        members.members,
        Members,
        ("bad-request",),
        (p.TAG, p.PAGE, p.AFTER_MEMBER, p.MEMBERS_FORMAT),
    ),
    Operation(
        "deliveries",
        "GET",
        "/endpoints/{name}/deliveries",
        "What became of messages at an endpoint, newest first.",
        endpoints.deliveries,
        Deliveries,
        ("bad-request", "not-found"),
        (p.ENDPOINT, p.DELIVERIES),
    ),
    Operation("minutes", "GET", "/minutes", "Minute by minute.", minutes, Minutes, ("bad-request",), (p.LAST,)),
    Operation(
        "feed",
        "GET",
        "/feed",
        "What is said, as it is said: server-sent events; or the newest, as JSON.",
        feed.feed,
        Feed,
        ("bad-request",),
        (p.AFTER, p.RESUMED, p.TOPIC, p.USER, p.FORMAT, p.LIMIT),
    ),
    Operation("ready", "GET", "/ready", "Whether Redis answers; needs no token.", ready, Ready),
)
"""What has parameters, or asks Redis by itself."""

OPERATIONS = (*VIEWS, *OTHERS)


def routes() -> Sequence[web.RouteDef]:
    """The routes, under `PREFIX`."""
    views = [_route(one, Told(cast("Answer", one.answers))) for one in VIEWS]
    others = [_route(one, cast("Handler", one.answers)) for one in OTHERS]
    return [*views, *others, web.get(f"{PREFIX}/openapi.json", described)]


def _route(operation: Operation, handler: Handler) -> web.RouteDef:
    """An id may have any characters but ``/``, which is percent-encoded in it."""
    path = PREFIX + operation.path.replace("{id}", "{id:[^/]+}").replace("{tag}", "{tag:[^/]+}")

    async def handle(request: web.Request) -> web.StreamResponse:
        p.known(request, operation.parameters)
        return await handler(request)

    return web.get(path, handle) if operation.method == "GET" else web.route(operation.method, path, handle)
