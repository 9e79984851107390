"""The read API as an OpenAPI 3.1 document, made of its operations and types."""

from __future__ import annotations

import inspect
from http import HTTPStatus
from typing import Any, cast

import msgspec

from dashboard.answers.feed import Item
from dashboard.api.parameters import Parameter
from dashboard.api.routes import OPERATIONS, PREFIX, Operation
from dashboard.api.types import Missed
from dashboard.problems import CONTENT_TYPE, KINDS, Problem

VERSION = "1.1.0"
"""Of the API. First number: something is gone, or means another thing; second: something is new."""
PLACE = "#/components/schemas/{name}"
ABOUT = (
    "What Kairos knows of a shop and its shoppers. Reads, and changes nothing. Times are event time in milliseconds "
    "since 1970, money is in minor units of the shop's currency. Errors are problem details (RFC 9457)."
)
ALWAYS = ("not-signed-in", "misdirected", "store-unavailable")
"""Problems that any operation may have."""
STREAM = (
    "`output`: an Item; `missed`: some outputs after the cursor are gone. The id of an event is the cursor after it. A "
    "comment comes after 15 s of silence."
)


def document() -> dict[str, Any]:
    """The whole document; it refers to nothing outside."""
    types = [one.answer for one in OPERATIONS] + [one.body for one in OPERATIONS if one.body]
    every = list(dict.fromkeys([*types, Item, Missed, Problem]))
    schemas, components = msgspec.json.schema_components(every, ref_template=PLACE)
    places = dict(zip(every, schemas, strict=True))
    for schema in components.values():
        if "description" in schema:
            schema["description"] = inspect.cleandoc(schema["description"])
    paths: dict[str, Any] = {}
    for one in OPERATIONS:
        paths.setdefault(PREFIX + one.path, {})[one.method.lower()] = _operation(one, places)
    found: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Kairos read API", "version": VERSION, "description": ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {}],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {kind: _problem(kind, places[Problem]) for kind in KINDS},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "KAIROS_DASHBOARD_TOKEN"}},
        },
    }
    return _renamed(found)


def _renamed(document: dict[str, Any]) -> dict[str, Any]:
    """Types of one name have their module's before it: only its last part is of use here."""
    return cast(
        "dict[str, Any]", msgspec.json.decode(msgspec.json.encode(document).replace(b"dashboard.answers.", b""))
    )


def _operation(one: Operation, places: dict[Any, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"operationId": one.name, "summary": one.about}
    if one.parameters:
        found["parameters"] = [_parameter(parameter) for parameter in one.parameters]
    if one.body:
        content = {"application/json": {"schema": places[one.body]}}
        found["requestBody"] = {"required": True, "content": content}
    problems = {str(KINDS[kind][0]): {"$ref": f"#/components/responses/{kind}"} for kind in (*one.problems, *ALWAYS)}
    found["responses"] = {"200": _answer(one, places)} | dict(sorted(problems.items()))
    return found


def _answer(one: Operation, places: dict[Any, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": places[one.answer]}}
    if one.name == "feed":
        content["text/event-stream"] = {"schema": {"type": "string", "description": STREAM}}
    found: dict[str, Any] = {"description": HTTPStatus.OK.phrase, "content": content}
    if one.name == "members":
        content["text/csv"] = {"schema": {"type": "string"}}
    if one.method == "GET":
        tag = {"description": "For If-None-Match; JSON alone has one.", "schema": {"type": "string"}}
        found["headers"] = {"ETag": tag}
    return found


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.place == "path",
        "description": parameter.about,
        "schema": dict(parameter.schema),
    }


def _problem(kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    status, title = KINDS[kind]
    return {"description": f"{status}: {title}.", "content": {CONTENT_TYPE: {"schema": schema}}}
