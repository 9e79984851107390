"""Types as JSON Schemas: what msgspec says of them, with each field described, and without what is not meant."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Raw, Struct, defstruct
from msgspec.structs import fields as fields_of

from models.kernel.call_context import CallContext

Schema = dict[str, Any]
Fields = Mapping[str, Mapping[str, Any]]
"""What a schema says of a field beyond its type, by the field's name; a name as `Type.field` goes first. Where it says
a type as well, that one replaces the field's own."""

IN_FILE = "#/$defs/{name}"
"""Where a type is found in a JSON Schema of its own."""
IN_ASYNCAPI = "#/components/schemas/{name}"
"""Where it is found in the AsyncAPI document."""


def components(types: Sequence[type[Struct]], fields: Fields, place: str, *, nulls: bool) -> dict[str, Schema]:
    """Schemas of the types and of all they hold, by name.

    Parameters
    ----------
    types
        Structs of messages.
    fields
        What is said of their fields.
    place
        Where one refers to another: `IN_FILE` or `IN_ASYNCAPI`.
    nulls
        Whether null may stand for a default that is None. If not, the field is left out then.

    Raises
    ------
    LookupError
        A field is not described.

    Examples
    --------
    >>> class Point(Struct):
    ...     '''A place.'''
    ...     x: int
    ...     y: int | None = None
    >>> said = {"x": {"description": "right", "minimum": 0}, "y": {"description": "up"}}
    >>> components([Point], said, IN_FILE, nulls=False)["Point"]["properties"]
    {'x': {'description': 'right', 'type': 'integer', 'minimum': 0}, 'y': {'description': 'up', 'type': 'integer'}}
    >>> components([Point], said, IN_FILE, nulls=True)["Point"]["properties"]["y"]
    {'description': 'up', 'type': ['integer', 'null']}
    """
    _, found = msgspec.json.schema_components(list(map(_sayable, types)), ref_template=place)
    for name, schema in found.items():
        schema["description"] = inspect.cleandoc(schema["description"])
        properties = schema["properties"]
        for field, said in properties.items():
            properties[field] = _described(said, _words(name, field, fields), nulls)
        if not schema["required"]:
            del schema["required"]
    return found


def _sayable(kind: type[Struct]) -> type[Struct]:
    """The same type where msgspec can tell it: of a field that is kept as it stands it cannot tell the default."""
    kept = [(field.name, Any, None) for field in fields_of(kind) if field.type in (Raw, CallContext | None)]
    if not kept:
        return kind
    tag = kind.__struct_config__.tag
    return defstruct(kind.__name__, kept, bases=(kind,), namespace={"__doc__": kind.__doc__}, kw_only=True, tag=tag)


def _words(name: str, field: str, fields: Fields) -> Mapping[str, Any]:
    words = fields.get(f"{name}.{field}") or fields.get(field)
    if words is None:
        raise LookupError(f"{name}.{field} is not described: say in kairos/contract what it is")
    return words


def _described(said: Schema, words: Mapping[str, Any], nulls: bool) -> Schema:
    if "type" in words:
        return dict(words)
    optional = "default" in said and said["default"] is None
    bare = {name: value for name, value in said.items() if not (name == "default" and value in (None, ""))}
    schema = _typed(bare, optional and not nulls)
    if set(schema) == {"$ref"}:
        return schema  # what stands beside a reference is not read by every tool
    return {"description": words["description"], **schema, **words}


def _typed(schema: Schema, never_null: bool) -> Schema:
    """One type, or one and null, said shortly."""
    match schema:
        case {"anyOf": [one, {"type": "null"}]} if never_null:
            return dict(one)
        case {"anyOf": [{"type": str(kind)} as one, {"type": "null"}]}:
            return {**one, "type": [kind, "null"]}
        case {"enum": [only]}:
            return {"const": only}
    return schema
