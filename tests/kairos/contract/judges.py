"""The documents of the contract as independent judges: the files of docs/contract, read by `jsonschema`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator, Draft202012Validator

FOLDER = Path(__file__).parents[3] / "docs" / "contract"


def text(name: str) -> bytes:
    """A file of the contract."""
    return (FOLDER / name).read_bytes()


def judge(name: str, *, closed: bool = False) -> Draft202012Validator:
    """What judges messages by a file; `closed`: fields it does not know are faults too."""
    schema = json.loads(text(name))
    if closed:
        for part in (schema, *schema.get("$defs", {}).values()):
            part["additionalProperties"] = False
    return Draft202012Validator(schema)


def asyncapi_judge(message: str) -> Draft7Validator:
    """What judges a message by the AsyncAPI document, whose schemas are read as JSON Schema draft 7."""
    document: dict[str, Any] = json.loads(text("asyncapi.json"))
    payload = document["components"]["messages"][message]["payload"]
    return Draft7Validator({**document, **payload})
