"""The demo as lines: for pipes, logs, and whoever asks for them."""

from __future__ import annotations

import time
from typing import Any

from rich.console import Console

from kairos.config.settings import Settings
from kairos.demo.acting import brings, sent
from kairos.demo.play import SPEED
from kairos.demo.state import DemoState
from kairos.simulate.scripted import FIRST
from kairos.terminal.lines import parts, print_line, say, show
from kairos.terminal.times import iso
from models.kernel.settings import DAY

HEARD = 30 * DAY
"""History is told of this often."""
EVERY = 5.0
"""Seconds between two summaries."""


def meanwhile(settings: Settings) -> str:
    """What to try in another terminal, with `--demo` where the servers that are set would be looked into."""
    profile = " --demo" if settings.redis_url else ""
    tail = " --demo" if settings.brokers or settings.redis_url else ""
    return f"kairos profile{profile} shopper-{FIRST}, kairos tail{tail} user-tags"


def account(state: DemoState) -> str:
    """What was folded so far, in words."""
    counts = state.total.counts
    said = sum(count for kinds in state.total.outputs.values() for count in kinds.values())
    return (
        f"{counts['events']:,} events of {counts['shoppers']:,} shoppers, {counts['orders']:,} orders, {said:,} outputs"
    )


def opening(state: DemoState, seconds: float) -> str:
    """That history is folded, in words."""
    return f"folded 90 days of a small shop that is made up in {seconds:.1f} s: {account(state)}"


class Plain:
    """Implements `kairos.demo.front.Front`; `hint` says what to try in another terminal."""

    def __init__(self, console: Console, hint: str) -> None:
        self._console = console
        self._hint = hint
        self._heard = 0
        self._summed = 0.0

    def __enter__(self) -> Plain:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def served(self, page: str) -> None:
        """The first line."""
        say(self._console, f"the live page: {page}")

    def folding(self, passed: int, events: int) -> None:
        """A line now and then."""
        if passed // HEARD > self._heard:
            self._heard = passed // HEARD
            say(self._console, f"folding history: {passed // DAY} days, {events:,} events")

    def opened(self, state: DemoState, seconds: float) -> None:
        """What was folded, and what comes."""
        self._summed = time.monotonic()
        say(self._console, opening(state, seconds))
        say(self._console, f"time now runs {SPEED} times as fast, from {iso(state.at)}; Ctrl-C ends this")
        say(self._console, f"in another terminal: {self._hint}")

    def said(self, message: bytes) -> None:
        """One line."""
        show(self._console, message)

    def delivered(self, message: dict[str, Any], verified: bool) -> None:
        """One line."""
        when, kind, shopper, _ = parts(message)
        signature = "its signature is verified" if verified else "ITS SIGNATURE IS WRONG"
        print_line(self._console, when, f"delivered {kind}", shopper, f"to the demo's own webhook, {signature}")

    def seen(self, state: DemoState) -> None:
        """A summary, every few seconds."""
        now = time.monotonic()
        if now - self._summed >= EVERY:
            self._summed = now
            total = state.total
            dead_letters = sum(total.dead_letters.values())
            say(
                self._console,
                f"{iso(state.at)}: {state.rate:.1f} events/s, {total.counts['carts']:,} open carts, "
                f"lag {state.lag:,}, {dead_letters:,} dead letters",
            )

    def closed(self, state: DemoState) -> None:
        """What was folded in all, and what became of messages that ask for action."""
        say(self._console, sent(state))
        say(self._console, brings(state))
        say(self._console, f"ended at {iso(state.at)}: {account(state)}")
