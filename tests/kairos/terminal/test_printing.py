"""What strangers wrote into events cannot do anything to a terminal; times and amounts are readable."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from kairos.terminal import lines
from kairos.terminal.escape import safe
from kairos.terminal.times import iso, stamp

HOSTILE = "a\x1b[31m\x07\r\n\x9b[/bold][link=http://x]\u202e\u200b\ud800z"


def console(terminal: bool) -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, force_terminal=terminal, width=60), out


def test_hostile_characters_are_spelt_out() -> None:
    assert safe(HOSTILE) == ("a\\x1b[31m\\x07\\x0d\\x0a\\x9b[/bold][link=http://x]\\u202e\\u200b\\ud800z")
    assert safe("Zoë 你好 — [x]") == "Zoë 你好 — [x]"


@pytest.mark.parametrize("terminal", [True, False])
def test_an_output_is_one_line_whatever_is_in_it(terminal: bool) -> None:
    screen, out = console(terminal)
    text = "a\x1b[31m[/bold]\u202e"
    message = {"as_of": 1_477_983_600_000, "kind": "entered", "tag": text, "user_id": text, "reason": text * 20}
    lines.show(screen, json.dumps(message).encode())
    shown = out.getvalue()
    assert shown.count("\n") == 1
    assert "\x1b[31m" not in shown
    assert "\u202e" not in shown
    assert shown.count("a\\x1b[31m[/bold]\\u202e") == 22
    assert ("\x1b[" in shown) == terminal


@pytest.mark.parametrize(
    "value", [b"", b"null", b"[1]", b'"\\u001b[2J"', b"\xff\x1b[2J", b'{"as_of":"x"}', b'{"as_of":1e99}']
)
def test_what_is_no_output_is_shown_all_the_same(value: bytes) -> None:
    screen, out = console(terminal=False)
    lines.show(screen, value)
    assert "\x1b" not in out.getvalue()


def test_a_plain_line() -> None:
    screen, out = console(terminal=False)
    lines.show(screen, b'{"as_of":1477983600123,"kind":"triggered","user_id":"u1","reason":"2 items left"}')
    assert out.getvalue().split() == ["2016-11-01T07:00:00Z", "triggered", "u1", "2", "items", "left"]


def test_times() -> None:
    assert (iso(0), iso(61_000), iso(1)) == ("1970-01-01T00:00Z", "1970-01-01T00:01:01Z", "1970-01-01T00:00:00.001Z")
    assert stamp(61_000) == "1970-01-01T00:01:01.000Z"
