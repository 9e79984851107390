"""The live view: the four kinds with their reasons in 80 x 24, nothing beyond the edges, nothing hostile."""

from __future__ import annotations

import io
import json
import logging
import re
from itertools import groupby
from pathlib import Path

import pytest
from msgspec import structs
from rich.cells import cell_len
from rich.console import Console

from kairos.config.settings import Settings, load
from kairos.demo.picture import PAGE, draw
from kairos.demo.plain import meanwhile
from kairos.demo.screen import Screen
from kairos.demo.state import DemoState
from kairos.demo.view import HEIGHT, View
from sinks.minutes import Minute, field, pack
from sinks.summary import merge
from tests.topics import CART_ABANDONMENTS, CHURN_ALERTS, USER_TAGS

AT = 1_717_286_400_000
HOSTILE = "a\x1b[2J[red]\u202e<script>\n" + "長" * 200


def message(kind: str, reason: str, user: str = "shopper-90001", **more: str) -> bytes:
    return json.dumps({"kind": kind, "user_id": user, "as_of": AT + 60_000, "reason": reason, **more}).encode()


def state(user: str = "shopper-90001", rows: int = 30) -> DemoState:
    stats = {"events": "38289", "shoppers": "1278", "orders": "1295", "carts": "91", "dead:not_json": "36"}
    stats |= {"segment:champions": "66", "segment:new": "53", "segment:at_risk": "0", "stage:active": "728"}
    stats |= {"out:cart-abandonments:triggered": "692", "out:user-tags:entered": "5242"}
    minutes = [Minute(AT // 60_000 - 1440 + i, i % 7, 0, 0, 0) for i in range(1440)]
    stats |= {field(hour): pack(of) for hour, of in groupby(minutes, lambda minute: minute.minute // 60)}
    newest = {
        CART_ABANDONMENTS: [
            message("triggered", "2 items left for 30 min without an order", user),
            message("recovered", "ordered after the trigger", user),
        ],
        CHURN_ALERTS: [message("raised", "no order for 3 times the usual gap", user)],
        USER_TAGS: [message("entered", "R 5 F 1 M 3 by fixed cuts: last order today", user, tag="segment:new")],
    }
    return DemoState(AT + 90_000, merge([stats]), 12.34, 7, {role: values * rows for role, values in newest.items()})


def frame(shown: DemoState, width: int, height: int, page: str = "", note: str = "", hint: str = "") -> list[str]:
    out = io.StringIO()
    console = Console(file=out, width=width, height=height, force_terminal=True, color_system=None)
    console.print(View(shown, page, note, hint, whole=True))
    return out.getvalue().removesuffix("\n").split("\n")


@pytest.mark.parametrize("servers", [{}, {"KAFKA_URL": "k:9092"}, {"REDIS_URL": "redis://r/0"}])
def test_what_to_try_elsewhere_fits_and_leads_to_the_demo(servers: dict[str, str]) -> None:
    hint = meanwhile(load(servers))
    assert ("tail --demo" in hint) == bool(servers)
    assert ("profile --demo" in hint) == ("REDIS_URL" in servers)
    (*_, foot) = frame(state(), 80, 24, hint=hint)
    assert foot.startswith("Ctrl-C ends")
    assert foot.rstrip().endswith(hint)


@pytest.mark.parametrize("rows", [0, 1, 30])
@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (300, 80), (60, 16), (110, 12), (30, 9), (1, 1)])
def test_it_fills_the_terminal_and_no_more(width: int, height: int, rows: int) -> None:
    for user in ("shopper-90001", HOSTILE):
        lines = frame(state(user, rows), width, height)
        assert len(lines) == height
        assert max(map(cell_len, lines)) <= width
        assert "\x1b" not in "".join(lines)


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 30)])
def test_it_shows_what_there_is(width: int, height: int) -> None:
    text = "\n".join(frame(state(), width, height))
    assert re.search(r"champions +66 ━", text)
    for seen in (
        "triggered shopper-90001",
        "2 items left for 30 min without an order",
        "ordered after the trigger",
        "no order for 3 times the usual gap",
        "entered segment:new shopper-90001",
        "R 5 F 1 M 3 by fixed cuts",
        "events/s 12.3",
        "lag 7",
        "open carts 91",
        "dead letters 36",
        "2024-06-02 00:01:30 UTC, 60 times as fast",
        "119 buyers",
        "triggered 692",
        "Ctrl-C ends this",
    ):
        assert seen in text, seen


def test_traffic_is_the_last_full_minutes() -> None:
    line = next(line for line in frame(state(), 80, 24) if line.startswith("events a minute"))
    assert line.split()[-1].endswith("▁▂▃▄▅▆█▁▂▃▄▅▁")
    assert len(line) == 80


def test_hostile_strings_are_spelt_out() -> None:
    text = "\n".join(frame(state(HOSTILE), 160, 40))
    assert "a\\x1b[2J[red]\\u202e" in text
    assert "\u202e" not in text


def test_a_terminal_gets_the_view_and_what_is_logged_meanwhile(capsys: pytest.CaptureFixture[str]) -> None:
    out = io.StringIO()
    console = Console(file=out, width=80, height=24, force_terminal=True)
    with Screen(console, span=90, hint="kairos tail user-tags") as screen:
        screen.folding(45, 1000)
        screen.opened(state(), 1.0)
        assert out.getvalue().count("\x1b[?1049h") == 1
        logging.getLogger("streams").warning("shard 3 waits: \x1b[2J")
        screen.seen(state())
        assert "shard 3 waits: \\x1b[2J" in out.getvalue()
        assert capsys.readouterr().err == ""
        screen.closed(state())
    assert capsys.readouterr().err == "shard 3 waits: \\x1b[2J\n"
    assert out.getvalue().count("\x1b[?1049l") == 1
    left = out.getvalue()[out.getvalue().index("\x1b[?1049l") :]
    assert left.count("\n") == HEIGHT + 1
    logging.getLogger("streams").warning("said after it")  # not by the view's handler any more
    assert "said after it" not in out.getvalue()


def fail(screen: Screen) -> None:
    screen.opened(state(), 1.0)
    raise ZeroDivisionError


def test_a_view_that_fails_gives_the_terminal_back() -> None:
    out = io.StringIO()
    console = Console(file=out, width=80, height=24, force_terminal=True)
    screen = Screen(console, span=90, hint="kairos tail user-tags")
    with pytest.raises(ZeroDivisionError), screen:
        fail(screen)
    assert out.getvalue().rindex("\x1b[?1049l") > out.getvalue().rindex("\x1b[?1049h")
    assert out.getvalue().rindex("\x1b[?25h") > out.getvalue().rindex("\x1b[?25l")


def test_a_picture(tmp_path: Path) -> None:
    draw(str(tmp_path / "view"), state())
    drawn = (tmp_path / "view.svg").read_text(encoding="utf-8")
    assert drawn.startswith("<svg")
    assert "champions" in drawn
    said = drawn.replace('"http://www.w3.org/2000/svg"', "").replace(f"\xa0{PAGE}", "").replace(f"&#160;{PAGE}", "")
    assert "http" not in said, "nothing is loaded from elsewhere"
    text = (tmp_path / "view.txt").read_text(encoding="utf-8")
    assert text.splitlines() == [line.rstrip() for line in frame(state(), 80, 24, PAGE, hint=meanwhile(Settings()))]


def test_lanes_are_newest_first_whatever_shard_came_first() -> None:
    said = [(2, "a", "exited"), (1, "z", "entered"), (3, "b", "entered"), (2, "a", "entered")]  # as they came
    messages = [
        json.dumps({"kind": kind, "user_id": user, "as_of": AT + minute * 60_000, "reason": "", "tag": "t"}).encode()
        for minute, user, kind in said
    ]
    shown = structs.replace(state(), newest={USER_TAGS: messages[::-1]})
    lines = [line.split()[:4] for line in frame(shown, 80, 60) if re.match(r"00:0\d ", line)]
    assert [(line[1], line[3]) for line in lines] == [
        ("entered", "b"),
        ("entered", "a"),
        ("exited", "a"),
        ("entered", "z"),
    ]
