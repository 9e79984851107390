"""The shop's own templates: JSON with placeholders, by Jinja in its sandbox.

What a placeholder stands for becomes a value of JSON, in quotes where it is text, so that no shopper's or product's
name can break out of it. A template calls nothing, changes nothing, and a name it misspells is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec
from jinja2 import StrictUndefined, Template, TemplateError, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedEnvironment
from markupsafe import Markup
from msgspec import NODEFAULT, Struct
from msgspec.structs import fields

from models.carts.cart_trigger import CartLine
from models.features import SHOPPERS
from models.kernel.stamps import stamp
from sinks.webhooks.preset import Request, post
from sinks.webhooks.properties import name, properties, worth

if TYPE_CHECKING:
    from sinks.webhooks.endpoints import Endpoint

LONGEST = 1_000_000
"""Characters that a template may write, at most: it is stopped there."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox without calls, and without the operators by which a few characters become very many."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def is_safe_callable(self, obj: Any) -> bool:
        return isinstance(obj, Undefined)  # which raises, and says which name

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" or not (isinstance(left, int | float) and isinstance(right, int | float)):
            raise TemplateError(f"{operator} is for numbers")
        return SandboxedEnvironment.call_binop(self, context, operator, left, right)


def own(endpoint: Endpoint, topic: str, message: Mapping[str, Any]) -> Request | None:
    """What the endpoint's own template makes of a message; None if it writes nothing.

    Raises
    ------
    ValueError
        The template is no good, or fails with this message; or what it writes is no JSON.
    """
    written = _written(compiled(endpoint.source), _context(topic, message))
    if not written.strip():
        return None
    try:
        return post(endpoint, msgspec.json.decode(written))
    except msgspec.DecodeError as error:
        raise ValueError(f"what the template writes is no JSON: {error}") from None


@lru_cache(64)
def compiled(source: str) -> Template:
    """A template by its text. ValueError, with the line, if it is none."""
    try:
        return _environment().from_string(source)
    except TemplateError as error:
        raise ValueError(f"line {getattr(error, 'lineno', 1)}: {error.message or error}") from None


@lru_cache(1)
def _environment() -> _Sandbox:
    found = _Sandbox(undefined=StrictUndefined, finalize=_json, autoescape=False, trim_blocks=True, lstrip_blocks=True)
    found.globals.clear()
    found.filters.clear()
    found.filters["tojson"] = _json
    return found


def _json(value: Any) -> Markup:
    """A value as JSON; what is JSON already stays as it is."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, Undefined):
        str(value)  # raises, and says which name
    return Markup(msgspec.json.encode(value).decode())


def _written(template: Template, context: Mapping[str, Any]) -> str:
    pieces: list[str] = []
    size = 0
    try:
        for piece in template.generate(context):
            pieces.append(piece)
            size += len(piece)
            if size > LONGEST:
                raise ValueError(f"the template writes more than {LONGEST} characters")
    except (TemplateError, ArithmeticError, TypeError) as error:
        raise ValueError(f"{error}") from None
    return "".join(pieces)


def _context(topic: str, message: Mapping[str, Any]) -> dict[str, Any]:
    """What a template may name. A field of the message that was left out has its default."""
    whole = _whole(SHOPPERS.outputs[topic].message, message)
    return {
        "type": f"{topic}.{message['kind']}",
        "name": name(topic, message["kind"]),
        "timestamp": stamp(message["as_of"]),
        "message": whole,
        "properties": properties(whole),
        "amount": worth(message),
    }


def _whole(kind: type[Struct], message: Mapping[str, Any]) -> dict[str, Any]:
    """A message, or a line of a cart, with every field of its type: one that was left out has its default."""
    whole = {field.name: field.default for field in fields(kind) if field.default is not NODEFAULT} | dict(message)
    if "products" in whole:
        whole["products"] = [_whole(CartLine, line) for line in whole["products"]]
    return whole
