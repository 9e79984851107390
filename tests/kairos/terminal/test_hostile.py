"""What strangers wrote into events is shown escaped, wherever the command line shows it."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import Result

from kairos import wiring
from kairos.commands import cli
from kairos.config import settings
from kairos.replay import ticks
from kairos.replay.local import Local
from kairos.replay.segment import Segment
from kairos.terminal import lines
from kairos.terminal.escape import safe, safe_json
from kairos.terminal.times import stamp
from models.kernel.settings import MINUTE
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from tests.conftest import Run
from tests.kairos.shops import OPENED
from tests.kairos.terminal.hostile import ALL, FORBIDDEN, STRINGS, harmless, spelt

each = pytest.mark.parametrize("text", STRINGS.values(), ids=STRINGS)
each_argument = pytest.mark.parametrize("text", ALL.values(), ids=ALL)


def events(text: str) -> list[bytes]:
    """A shopper who leaves a cart, orders, and fills a cart anew: every name is the text. Two records are bad."""
    cart = {"cart_id": text, "product_id": text, "category": text, "price": 5, "quantity": 1}
    order = {"order_id": text, "cart_id": text, "revenue": 5, "currency": "USD"}
    calls = [
        ("Product Added", cart, 1),
        ("Order Completed", order, 60),
        ("Order Completed", order | {"order_id": "x", "currency": text}, 61),
        ("Product Added", cart | {"quantity": text}, 62),
        ("Product Added", cart, 63),
        (text, {}, 64),
    ]
    named = {"type": "track", "userId": text}
    return [
        json.dumps(named | {"event": event, "properties": data, "timestamp": stamp(OPENED + after * MINUTE)}).encode()
        for event, data, after in calls
    ]


@pytest.fixture
def folded(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Run]:
    """Fold the events of a text; the commands then read what came of them."""

    def fold(text: str) -> Run:
        file = tmp_path / "events.jsonl"
        file.write_bytes(b"\n".join(events(text)))
        store, known = MemoryStore(), settings.load({})
        spans = ticks.spans(Segment([str(file)], known.shop), until=OPENED + 120 * MINUTE)
        Local(known, 2, store, MemoryOutputs()).run(spans)
        monkeypatch.setattr(wiring, "reader", lambda _settings: store)
        monkeypatch.setattr(wiring, "demo_inputs", lambda: None)
        monkeypatch.setattr("kairos.commands.tail.time.sleep", interrupt)
        return run

    return fold


def interrupt(_seconds: float) -> None:
    """Instead of waiting for more to come: Ctrl-C."""
    raise KeyboardInterrupt


def shown(result: Result) -> str:
    """What was printed, once it is known to be harmless."""
    assert harmless(result.stdout), result.stdout
    assert harmless(result.stderr), result.stderr
    return result.stdout + result.stderr


@each
def test_a_profile(folded: Callable[[str], Run], text: str) -> None:
    result = folded(text)("profile", "--", text)
    assert result.exit_code == 0, result.stderr
    assert shown(result).count(spelt(text)) >= 3  # shopper, category, cart
    assert result.stdout.splitlines()[0] == spelt(text)


@each
def test_a_profile_as_json(folded: Callable[[str], Run], text: str) -> None:
    result = folded(text)("profile", "--json", "--", text)
    (line,) = shown(result).splitlines()
    assert json.loads(line)["user"] == text


@each_argument
def test_a_shopper_who_is_not_there(folded: Callable[[str], Run], text: str) -> None:
    result = folded("u1")("profile", "--", text)
    assert result.exit_code == 1
    assert shown(result).startswith("kairos: no shopper")


@each
@pytest.mark.parametrize("topic", ["user-tags", "cart-abandonments", "dead-letters"])
def test_outputs(folded: Callable[[str], Run], text: str, topic: str) -> None:
    result = folded(text)("tail", "--from-start", topic)
    assert result.exit_code == 130
    lines = shown(result).splitlines()
    assert lines
    assert all(line.startswith("2024-03-") and spelt(text) in line for line in lines)


@each
@pytest.mark.parametrize("topic", ["user-tags", "cart-abandonments", "dead-letters"])
def test_outputs_as_json(folded: Callable[[str], Run], text: str, topic: str) -> None:
    for line in shown(folded(text)("tail", "--from-start", "--json", topic)).splitlines():
        assert json.loads(line)["user_id"] == text


@each_argument
def test_a_topic_that_is_not_there(folded: Callable[[str], Run], text: str) -> None:
    assert shown(folded("u1")("tail", "--", text)).startswith(f"kairos: a demo has no topic {spelt(text)}: only")


@each
def test_a_replay(run: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "events.jsonl").write_bytes(b"\n".join(events(text)))
    result = run("replay", "--local", "events.jsonl")
    assert result.exit_code == 0, result.stderr
    assert "dead_letters     unknown_currency 1, wrong_type 1" in shown(result).splitlines()


@each_argument
def test_a_file_that_is_not_there(run: Run, text: str) -> None:
    result = run("replay", "--local", "--", text)
    assert result.exit_code == 1
    assert shown(result) == f"kairos: {spelt(text)}: no such file\n"


@each
def test_a_setting_that_is_no_good(run: Run, text: str) -> None:
    result = run("replay", "--local", "x", KAIROS_CURRENCY=text)
    assert result.exit_code == 2
    assert spelt(text) in shown(result)


@given(st.binary() | st.text().map(lambda text: json.dumps({"kind": text, "as_of": 0, "user_id": text}).encode()))
def test_any_bytes_of_any_topic_are_one_line(value: bytes) -> None:
    out = io.StringIO()
    lines.show(Console(file=out, force_terminal=False), value)
    assert out.getvalue().count("\n") == 1
    assert harmless(out.getvalue())


@pytest.mark.parametrize(
    "value", [b"[" * 100_000, b'{"kind":%b}' % (b"[" * 900 + b"]" * 900), b'"\xff"', b'{"kind":""}']
)
def test_what_is_hardly_json_ends_no_tail(value: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    lines.show(Console(file=io.StringIO()), value)
    lines.say_json(value)
    assert capsys.readouterr().out.count("\n") == 1


@given(st.text() | st.characters(categories=FORBIDDEN))
def test_every_character_of_those_categories_is_spelt_out(text: str) -> None:
    assert harmless(safe(text))
    assert safe(safe(text)) == safe(text)
    if text.isascii() and text.isprintable():
        assert safe(text) == text


@given(st.dictionaries(st.text(), st.text() | st.lists(st.text())))
def test_json_keeps_its_meaning(value: object) -> None:
    written = json.dumps(value, ensure_ascii=False)
    assert json.loads(safe_json(written)) == value
    assert harmless(safe_json(written))


def test_what_people_write_is_left_alone() -> None:
    for text in ("Zoë", "你好 — [x]", "مرحبا", "שלום", "👍🏽 ❤️", "C:\\x1b"):
        assert safe(text) == text


@each_argument
def test_a_bug_shows_its_traceback(
    text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], own_logs: None
) -> None:
    def buggy(*, demo: bool) -> None:
        raise RuntimeError(text)

    monkeypatch.setattr(cli, "settings_to_read", buggy)
    monkeypatch.setattr(sys, "argv", ["kairos", "profile", "u1"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    lines = capsys.readouterr().err.splitlines()
    assert harmless("".join(lines))
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1] == f"RuntimeError: {spelt(text)}"
