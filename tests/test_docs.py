"""README and docs against the project: what they name exists, their code compiles, their examples come out so."""

from __future__ import annotations

import json
import pkgutil
import re
import shlex
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer.main
from msgspec.structs import fields
from typer.testing import CliRunner

from kairos.commands.cli import app
from kairos.config.sources import CONFIG, TESTS
from kairos.config.variables import VARIABLES
from models.features import SHOPPERS

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text("utf-8") for page in PAGES}
README, OUTPUTS = TEXTS["README.md"], TEXTS["docs/outputs.md"]
EVENTS = "docs/events.jsonl"
STRUCTS = {role: topic.message for role, topic in SHOPPERS.outputs.items()}
everywhere = pytest.mark.parametrize("page", TEXTS)


def blocks(text: str, language: str = "") -> list[str]:
    """Fenced code blocks in a language, or in none; those inside lists without their indentation."""
    fenced = re.findall(r"^( *)```(\w*)\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(block) for _, name, block in fenced if name == language]


def anchors(text: str) -> set[str]:
    """Headings, as links name them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@everywhere
def test_links_lead_somewhere(page: str) -> None:
    for target, anchor in re.findall(r"\]\((?!https?://)([^)#]*)(?:#([^)]*))?\)", TEXTS[page]):
        path = (ROOT / page).parent / target if target else ROOT / page
        assert path.exists(), f"{page}: {target}"
        assert not anchor or anchor in anchors(path.read_text("utf-8")), f"{page}: {target}#{anchor}"


def commands(text: str) -> Iterator[list[str]]:
    """Commands named in code, as words."""
    code = [line for block in blocks(text) for line in block.splitlines()]
    spans = [span.replace("\n", " ") for span in re.findall(r"(?<!`)`([^`]+)`(?!`)", text)]
    for line in (*code, *spans):
        if found := re.match(r"(?:\$ )?(kairos [a-z-].*)", line.strip()):
            yield shlex.split(found[1], comments=True)[1:]


@everywhere
def test_commands_and_their_options_exist(page: str) -> None:
    for words in commands(TEXTS[page]):
        command: Any = typer.main.get_command(app)
        if words[0] == "--config":
            del words[:2]
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]
        whole = getattr(command, "invoke_without_command", True)  # of a group: whether it does something alone
        assert whole or words[:1] == ["--help"], f"{page}: kairos ... {words}"
        options = {name for param in command.params for name in (*param.opts, *param.secondary_opts)} | {"--help"}
        assert {word for word in words if word.startswith("--")} <= options, f"{page}: {words}"


def test_commands_are_looked_for() -> None:
    found = [words[0] for words in commands(README)]
    assert {"replay", "worker", "topics", "tail", "profile"} <= set(found)


@everywhere
def test_variables_exist(page: str) -> None:
    named = re.findall(r"\b(?:KAIROS|KAFKA|REDIS)_[A-Z_]*[A-Z]\b", TEXTS[page])
    assert set(named) <= VARIABLES.keys() | {CONFIG} | TESTS


@everywhere
def test_targets_exist(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", TEXTS[page], re.MULTILINE)) <= targets


FOLDERS = "bench|docs|examples|kairos|models|ops|sinks|streams|tests"


@everywhere
def test_paths_and_modules_exist(page: str) -> None:
    for path in re.findall(rf"`((?:{FOLDERS})/[\w./-]*)`", TEXTS[page]):
        assert (ROOT / path).exists(), path
    for name in re.findall(r"`((?:models|sinks|streams)(?:\.\w+)+)`", TEXTS[page]):
        pkgutil.resolve_name(name)


@everywhere
def test_code_compiles(page: str) -> None:
    for number, block in enumerate(blocks(TEXTS[page], "python")):
        compile(block, f"{page}[{number}]", "exec")


@pytest.fixture
def replayed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[dict[str, Any]]]:
    """What `kairos replay --local` prints for the example, and the outputs it dumps."""
    monkeypatch.chdir(ROOT)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    dump = tmp_path / "out.jsonl"
    result = CliRunner().invoke(app, ["replay", "--local", EVENTS, "--dump", str(dump)])
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in dump.read_text("utf-8").splitlines()]
    return result.stdout, [line for line in lines if "topic" in line]


def test_the_readme_shows_what_a_replay_prints(replayed: tuple[str, list[dict[str, Any]]]) -> None:
    printed = [line.rstrip() for line in replayed[0].splitlines() if not line.startswith("seconds")]
    (shown,) = (block for block in blocks(README) if block.startswith(f"$ kairos replay --local {EVENTS}"))
    assert [line for line in shown.splitlines()[1:] if not line.startswith("seconds")] == printed


def test_examples_of_outputs_are_real(replayed: tuple[str, list[dict[str, Any]]]) -> None:
    where = ("partition", "offset")
    examples = [json.loads(line) for block in blocks(OUTPUTS, "json") for line in block.splitlines()]
    real = [line["message"] for line in replayed[1]]
    assert [e for e in examples if {name: value for name, value in e.items() if name not in where} not in real] == []
    assert {example["kind"] for example in examples} == {message["kind"] for message in real}


@pytest.mark.parametrize("topic", STRUCTS)
def test_every_field_is_documented(topic: str) -> None:
    common, section = OUTPUTS.split("## `user-tags`")[0], OUTPUTS.split(f"## `{topic}`")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`[\w`, ]+`) \|", common + section, re.MULTILINE)
    documented = {name for row in rows for name in re.findall(r"\w+", row)}
    assert {field.encode_name for field in fields(STRUCTS[topic])} <= documented


def test_the_consumer_of_the_readme_acts_once(
    replayed: tuple[str, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = [line["message"] for line in replayed[1] if line["topic"] == "cart-abandonments"]
    said.sort(key=lambda message: message["as_of"])
    due = [message for message in said if message["kind"] == "triggered"]

    class Consumer(list[Any]):
        def __init__(self, topic: str, **options: Any) -> None:
            super().__init__(SimpleNamespace(value=json.dumps(message)) for message in [*said, *said])

        def commit(self) -> None: ...

    monkeypatch.setitem(sys.modules, "kafka", SimpleNamespace(KafkaConsumer=Consumer))  # type: ignore[arg-type]
    monkeypatch.setattr(time, "time", lambda: (due[-1]["expires_at"] - 1) / 1000)
    (code,) = blocks(README, "python")
    exec(code, {})
    lines = capsys.readouterr().out.splitlines()
    in_time = [message for message in due if message["expires_at"] >= due[-1]["expires_at"]]
    assert [line.split()[1] for line in lines if line.startswith("remind")] == [m["user_id"] for m in in_time]
    (cancelled,) = (message for message in said if message["kind"] == "cancelled")
    assert [line for line in lines if line.startswith("take back")] == [f"take back {cancelled['retract'][0]}"]
