"""What the README shows of the demo is what it shows: the same shop, folded without Faust and Redis, says the same."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from rich.console import Console

from kairos.config.settings import Settings
from kairos.demo.command import SHARDS, of_demo
from kairos.demo.picture import HEIGHT, PAGE, WIDTH
from kairos.demo.plain import meanwhile
from kairos.demo.play import HISTORY_STEP, STEP
from kairos.demo.state import DemoState
from kairos.demo.steps import Steps
from kairos.demo.view import View
from kairos.replay.local import Local
from kairos.simulate.settings import DEMO, DEMO_HISTORY
from kairos.simulate.shop import Shop
from kairos.terminal.lines import show
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from sinks.read_model import summary
from tests.test_docs import README, ROOT, blocks

pytestmark = pytest.mark.slow

MEASURED = re.compile(r"events/s \S+ +|in \S+ s:|delivered \d+, .*")
"""Of the machine or its receiver, not of the shop."""


class Folded:
    """The demo's shop up to a moment."""

    def __init__(self) -> None:
        self.settings = of_demo(Settings())
        self.store, self.said = MemoryStore(), MemoryOutputs()
        self.steps = Steps(iter(Shop(DEMO)), DEMO.start)
        self.engine = Local(self.settings, SHARDS, self.store, self.said)
        self.run(DEMO.start + DEMO_HISTORY, HISTORY_STEP)
        self.silent = len(self.said.messages)

    def run(self, until: int, step: int) -> None:
        while self.steps.at < until:
            self.engine.feed(self.steps.take(step))
        self.engine.finish()

    @property
    def state(self) -> DemoState:
        newest: defaultdict[str, list[bytes]] = defaultdict(list)
        for _, message in self.said.messages[self.silent :]:
            newest[message.topic].insert(0, message.value)
        return DemoState(self.steps.at, summary(self.store), 0.0, 0, newest, holdout=self.settings.shop.holdout)  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def folded() -> Folded:
    return Folded()


def block(beginning: str) -> list[str]:
    """Lines of the README's block that begins so."""
    (found,) = (text for text in blocks(README) if text.startswith(beginning))
    return found.splitlines()


def frame(state: DemoState) -> list[str]:
    console = Console(file=io.StringIO(), width=WIDTH, height=HEIGHT)
    with console.capture() as captured:
        console.print(View(state, PAGE, hint=meanwhile(Settings()), whole=True))
    return [line.rstrip() for line in captured.get().splitlines()]


def test_the_readme_shows_the_view_and_the_lines(folded: Folded) -> None:
    shown, lines = block("Kairos demo"), block("the live page")
    counts = folded.state.total.counts
    what = f"{counts['events']:,} events of {counts['shoppers']:,} shoppers, {counts['orders']:,} orders"
    assert lines[0] == f"the live page: {PAGE}"
    assert lines[1].endswith(f"{what}, {folded.silent:,} outputs")

    (at,) = re.findall(r"(\S+ \S+) UTC", shown[0])
    folded.run(int(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp() * 1000), STEP)
    assert [MEASURED.sub("", line) for line in shown] == [MEASURED.sub("", line) for line in frame(folded.state)]

    console = Console(file=io.StringIO(), width=200)
    with console.capture() as captured:
        for _, message in folded.said.messages[folded.silent :]:
            show(console, message.value)
    told = captured.get().splitlines()
    for line in lines[lines.index("...") + 1 :]:  # what is delivered was said
        assert line in told or line.split()[2:4] in [said.split()[1:3] for said in told]


def test_the_picture_is_of_the_same_moment() -> None:
    svg = (Path(ROOT) / "docs" / "demo.svg").read_text("utf-8")
    pieces = defaultdict(str)
    for y, text in re.findall(r'<text class="[^"]*-r\d+" x="[^"]*" y="([^"]*)"[^>]*>([^<]*)</text>', svg):
        pieces[float(y)] += unescape(text).replace("\xa0", " ")
    drawn = [pieces[y] for y in sorted(pieces)]
    assert [line for line in map(packed, drawn) if line] == [packed(line) for line in block("Kairos demo") if line]


def packed(line: str) -> str:
    """Without the spaces, which the picture has not."""
    return "".join(line.split())
