"""What strangers wrote into events cannot do anything to a terminal; times and amounts are readable."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from kairos.commands import profile
from kairos.terminal import lines
from kairos.terminal.escape import safe
from kairos.terminal.times import iso, stamp
from models.profile.usual import Discounts, Typical, Usual

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


def test_a_profile_for_people() -> None:
    screen, out = console(terminal=False)
    found = {"user": HOSTILE, "first": 1_477_983_600_123, "clicks": "ffff", "returned": 0, "interest": {"[b]x": 1.5}}
    found |= {"carts": {}, "operations": [[1_477_983_600_000, 1, "p1"], [1_477_983_600_001, 1, "p2"]], "scores": 111}
    profile.show(screen, found)
    shown = out.getvalue()
    assert "\x1b" not in shown
    assert "clicks" not in shown
    assert "[b]x" in shown
    for line in (
        "first                    2016-11-01T07:00:00.123Z",
        "  2016-11-01T07:00Z, 1, p1",
        "scores                   111",
    ):
        assert line in shown.splitlines()


def test_what_is_usual_is_said_in_words_and_not_as_logarithms(capsys: pytest.CaptureFixture[str]) -> None:
    screen, out = console(terminal=False)
    discounts = Discounts(discounted=2, orders=5, expected=0.311, deviation=0.146, shop=0.2, shop_orders=1_430)
    basket, gap = Typical(123_456.0, (99_949.6, 150_000.0), 3_500.0), Typical(28.4, None, None)
    usual = Usual(basket=basket, gap_days=gap, discounts=discounts)
    found = {"buyer": {"orders": 5, "log_gap": 3.3, "log_basket": 11.0}}
    profile.show(screen, found, None, usual, currency="EUR")
    assert out.getvalue().splitlines() == [
        "buyer",
        "  orders                 5",
        "usually",
        "  orders for 1,234.56 EUR, two of three between 999.50 EUR and 1,500.00 EUR (shop: 35.00 EUR)",
        "  orders again after 28 d",
        "  2 of 5 orders with a discount, expected share 31% ± 15% (shop: 20%, by 1,430 orders)",
    ]
    profile.show(screen, found, None, usual, as_json=True)
    whole = json.loads(capsys.readouterr().out)
    assert whole["buyer"] == found["buyer"]
    assert whole["usual"]["basket"] == {"median": 123_456.0, "within": [99_949.6, 150_000.0], "shop": 3_500.0}
    assert whole["usual"]["discounts"]["expected"] == 0.311


def test_times() -> None:
    assert (iso(0), iso(61_000), iso(1)) == ("1970-01-01T00:00Z", "1970-01-01T00:01:01Z", "1970-01-01T00:00:00.001Z")
    assert stamp(61_000) == "1970-01-01T00:01:01.000Z"
