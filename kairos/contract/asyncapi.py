"""The AsyncAPI document: every topic, what is in it, and who writes it. Seen from Kairos: it receives, it sends."""

from __future__ import annotations

import inspect
from typing import Any

from kairos.contract import inputs, outputs
from kairos.contract.components import IN_ASYNCAPI, Schema
from models.kernel.events import ROLES

ASYNCAPI = "3.0.0"
VERSION = "1.0.0"
"""Of the contract. First number: something is gone, or means another thing; second: something is new."""

ABOUT = (
    "Kairos turns a shop's event stream into tags, churn alerts and abandoned-cart triggers. Topics have their default "
    "names here; settings give them others. All input topics have the same number of partitions, the outputs as many. "
    "Events are known by name, not by topic: each stands with the role it is made for, and one topic for all is fine."
)
INPUTS = {
    "clickstream": "What shoppers look at.",
    "cart": "What they put into carts and take out.",
    "orders": "What they buy, return and cancel.",
}
KEY = {"type": "string", "description": "The shopper's id, UTF-8: userId, else anonymousId."}
KEY_OF_LETTER = {"type": ["string", "null"], "description": "The key of the record, if it had one."}


def document() -> dict[str, Any]:
    """The whole document; it refers to nothing outside.

    Raises
    ------
    LookupError
        An input and an output have a name in common.
    """
    read, said = inputs.schemas(IN_ASYNCAPI), outputs.schemas(IN_ASYNCAPI)
    if common := read.keys() & said.keys():
        raise LookupError(f"an input and an output have a name in common: {sorted(common)}")
    schemas = read | said
    topics = {role: _calls(role) for role in ROLES} | {role: [kind.__name__] for role, kind in outputs.TOPICS.items()}
    about = INPUTS | {role: str(inspect.getdoc(kind)) for role, kind in outputs.TOPICS.items()}
    return {
        "asyncapi": ASYNCAPI,
        "info": {"title": "Kairos", "version": VERSION, "description": ABOUT},
        "defaultContentType": "application/json",
        "channels": {role: _channel(role, about[role], names) for role, names in topics.items()},
        "operations": dict(_operation(role, names) for role, names in topics.items()),
        "components": {
            "messages": {name: _message(name, schemas[name]) for names in topics.values() for name in names},
            "schemas": schemas,
        },
    }


def _calls(role: str) -> list[str]:
    """Calls a topic of this role holds."""
    return [call.__name__ for call in inputs.CALLS if inputs.role(call) in (role, None)]


def _channel(role: str, about: str, names: list[str]) -> dict[str, Any]:
    return {
        "address": role,
        "description": about,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
    }


def _operation(role: str, names: list[str]) -> tuple[str, dict[str, Any]]:
    action = "receive" if role in ROLES else "send"
    title = "".join(word.capitalize() for word in role.split("-"))
    operation = {
        "action": action,
        "channel": {"$ref": f"#/channels/{role}"},
        "messages": [{"$ref": f"#/channels/{role}/messages/{name}"} for name in names],
    }
    return f"{action}{title}", operation


def _message(name: str, schema: Schema) -> dict[str, Any]:
    key = KEY_OF_LETTER if name == "DeadLetter" else KEY
    return {
        "name": name,
        "title": schema["title"],
        "summary": schema["description"].split("\n\n")[0],
        "payload": {"$ref": IN_ASYNCAPI.format(name=name)},
        "bindings": {"kafka": {"key": key, "bindingVersion": "0.5.0"}},
    }
