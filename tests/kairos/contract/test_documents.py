"""The contract's documents: current, valid, complete."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator
from msgspec import Struct

from kairos.config.settings import load
from kairos.contract.components import IN_FILE, components
from kairos.contract.documents import documents
from models.decoding.segment import NAMES, TYPES
from models.kernel.events import ROLES
from tests.kairos.contract.judges import FOLDER, text
from tests.topics import OUTPUT_TOPICS

FILES = sorted(path.name for path in FOLDER.iterdir())
SCHEMAS = [name for name in FILES if name not in ("asyncapi.json", "openapi.json")]
ASYNCAPI: dict[str, Any] = json.loads(text("asyncapi.json"))


def test_the_files_are_those_of_the_types() -> None:
    """Else: `make contract`, and look at what has changed."""
    assert {name: text(name) for name in FILES} == documents()


def test_one_command_writes_them(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "kairos.contract", str(tmp_path / "new")], check=True, capture_output=True
    )
    assert sorted(Path(line).name for line in run.stdout.decode().splitlines()) == FILES
    assert {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()} == documents()


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_file_is_a_schema(name: str) -> None:
    schema = json.loads(text(name))
    Draft202012Validator.check_schema(schema)
    assert all(part["title"] and part["description"] for part in (schema, *schema.get("$defs", {}).values()))
    assert list(references(schema)) == [f"#/$defs/{ref.rpartition('/')[2]}" for ref in references(schema)]
    assert {ref.rpartition("/")[2] for ref in references(schema)} == set(schema.get("$defs", {}))


def test_every_event_of_the_contract_but_the_reserved_one_is_there() -> None:
    titles = {schema["title"] for schema in json.loads(text("events.json"))["$defs"].values()}
    assert {*NAMES, *TYPES} - titles == {"User Erased"}


def test_a_field_without_a_description_is_refused() -> None:
    class Bare(Struct):
        """A type."""

        field: int

    with pytest.raises(LookupError, match=r"Bare\.field is not described"):
        components([Bare], {}, IN_FILE, nulls=False)


# AsyncAPI, by its specification: https://www.asyncapi.com/docs/reference/specification/v3.0.0


def references(part: Any) -> Iterator[str]:
    """Every reference, wherever it stands."""
    if isinstance(part, dict):
        yield from [part["$ref"]] if "$ref" in part else []
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from references(inner)


def at(pointer: str) -> Any:
    """What a reference leads to."""
    found: Any = ASYNCAPI
    for step in pointer.removeprefix("#/").split("/"):
        found = found[step]
    return found


def test_asyncapi_has_what_is_required_and_nothing_else() -> None:
    assert list(ASYNCAPI) == ["asyncapi", "info", "defaultContentType", "channels", "operations", "components"]
    assert ASYNCAPI["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= ASYNCAPI["info"].keys() <= {"title", "version", "description"}
    assert all(re.fullmatch(r"[\w.-]+", name) for kind in ASYNCAPI["components"].values() for name in kind)
    for message in ASYNCAPI["components"]["messages"].values():
        assert message.keys() == {"name", "title", "summary", "payload", "bindings"}


def test_asyncapi_refers_only_to_what_is_there() -> None:
    found = set(references(ASYNCAPI))
    assert all(isinstance(at(pointer), dict) for pointer in found)
    for kind in ("messages", "schemas"):
        assert {f"#/components/{kind}/{name}" for name in ASYNCAPI["components"][kind]} <= found


def test_asyncapi_names_every_topic_by_its_default() -> None:
    settings = load({})
    addresses = {channel: said["address"] for channel, said in ASYNCAPI["channels"].items()}
    given = {role: topic for role, (topic,) in zip(ROLES, settings.roles, strict=True)}
    assert addresses == given | dict(settings.outputs)


def test_asyncapi_receives_inputs_and_sends_outputs() -> None:
    done = {said["channel"]["$ref"].rpartition("/")[2]: said for said in ASYNCAPI["operations"].values()}
    assert {role: said["action"] for role, said in done.items()} == {
        **dict.fromkeys(ROLES, "receive"),
        **dict.fromkeys(OUTPUT_TOPICS, "send"),
    }
    for role, said in done.items():
        channel = f"#/channels/{role}/messages/"
        assert [ref["$ref"] for ref in said["messages"]] == [
            channel + name for name in at(f"#/channels/{role}/messages")
        ]


def test_schemas_mean_the_same_in_the_older_dialect_of_asyncapi() -> None:
    """Draft 7 does not read what stands beside a reference."""
    for schema in ASYNCAPI["components"]["schemas"].values():
        Draft7Validator.check_schema(schema)
    assert list(beside(ASYNCAPI)) == []
    assert "$defs" not in text("asyncapi.json").decode()


def beside(part: Any) -> Iterator[Any]:
    """References that have company."""
    if isinstance(part, dict):
        if "$ref" in part and len(part) > 1:
            yield part
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from beside(inner)
