"""The files of the contract: their names and what is in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dashboard.api import openapi
from kairos.contract import asyncapi, inputs, outputs
from kairos.contract.components import IN_FILE, Schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"

OPENAPI = "openapi.json"
"""The read API of the live page."""

EVENTS = (
    "One message to Kairos: a call of the Segment spec. What this refuses becomes a dead letter. What it accepts is "
    "applied, or a duplicate, but for what no schema can say: docs/contract.md lists it, under Schemas."
)


def documents() -> dict[str, bytes]:
    """Every file, by name: always the same bytes for the same types."""
    files: dict[str, Any] = {"asyncapi.json": asyncapi.document(), "events.json": _events()}
    said = outputs.schemas(IN_FILE)
    for role, kind in outputs.TOPICS.items():
        files[f"{role}.json"] = _rooted(said, kind.__name__)
    return {name: _text(content) for name, content in files.items()} | {OPENAPI: _text(openapi.document())}


def write(folder: Path) -> list[Path]:
    """Write every file into a folder; which ones."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, content in documents().items():
        paths.append(folder / name)
        paths[-1].write_bytes(content)
    return paths


def _events() -> Schema:
    calls = [{"$ref": IN_FILE.format(name=call.__name__)} for call in inputs.CALLS]
    return {
        "$schema": DIALECT,
        "title": "Event",
        "description": EVENTS,
        "oneOf": calls,
        "$defs": inputs.schemas(IN_FILE),
    }


def _rooted(schemas: dict[str, Schema], name: str) -> Schema:
    """One type as a schema of its own, with what it refers to, directly."""
    root = schemas[name]
    held = {other: schemas[other] for other in schemas if f'"{IN_FILE.format(name=other)}"' in json.dumps(root)}
    return {"$schema": DIALECT, **root, **({"$defs": held} if held else {})}


def _text(content: Any) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()
