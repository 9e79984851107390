"""Clients' loggers: what repeats comes once a minute, escaped like any other; nothing of ours is held back."""

from __future__ import annotations

import io
import logging
import sys

import pytest

from kairos.config.settings import LogSettings
from kairos.terminal import log_repeats, logs
from kairos.terminal.log_format import configure
from kairos.terminal.log_repeats import CLIENTS, Repeats
from tests.clock import Clock
from tests.kairos.terminal.hostile import ALL, harmless, spelt

pytestmark = pytest.mark.usefixtures("own_logs")
FETCHER, CLIENT = logging.getLogger("aiokafka.consumer.fetcher"), logging.getLogger("aiokafka")


@pytest.fixture
def log(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What a worker's log holds, set up as the worker does."""
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    logs.install()
    for name in CLIENTS:
        logging.getLogger(name).handlers.clear()
    log_repeats.install()
    log_repeats.install()
    for name in CLIENTS:
        [repeats] = logging.getLogger(name).handlers
        assert isinstance(repeats, Repeats)
        repeats._clock = clock
    configure(LogSettings())
    return out


def said(log: io.StringIO) -> list[str]:
    """Its lines without times."""
    return [line[24:] for line in log.getvalue().splitlines()]


def test_a_message_that_repeats_comes_once_a_minute_with_how_many_more_there_were(
    log: io.StringIO, clock: Clock
) -> None:
    for tenth in range(1_210):
        clock.now = 5 + tenth / 10
        FETCHER.error("Failed fetch messages from %s: %s", tenth % 3, "100 % gone")
    assert said(log) == [
        "ERROR    aiokafka.consumer.fetcher: Failed fetch messages from 0: 100 % gone",
        "ERROR    aiokafka.consumer.fetcher: Failed fetch messages from 0: 100 % gone (599 more like it held back)",
        "ERROR    aiokafka.consumer.fetcher: Failed fetch messages from 0: 100 % gone (599 more like it held back)",
    ]


def test_messages_of_other_kinds_or_loggers_are_told(log: io.StringIO) -> None:
    for _ in range(3):
        FETCHER.error("one")
        FETCHER.error("two")
        CLIENT.error("one")
    assert [line.split()[-2:] for line in said(log)] == [
        ["aiokafka.consumer.fetcher:", "one"],
        ["aiokafka.consumer.fetcher:", "two"],
        ["aiokafka:", "one"],
    ]


def test_what_is_no_warning_and_what_is_ours_is_not_held_back(log: io.StringIO) -> None:
    CLIENT.setLevel(logging.INFO)
    for _ in range(3):
        CLIENT.info("joined the group")
        logging.getLogger("streams.shards").warning("ours")
    assert len(said(log)) == 6


def test_no_argument_is_one_and_a_percent_sign_stays(log: io.StringIO, clock: Clock) -> None:
    for _ in range(3):
        CLIENT.warning("at 5 %d")
        clock.now += 31
    assert said(log) == [
        "WARNING  aiokafka: at 5 %d",
        "WARNING  aiokafka: at 5 %d (1 more like it held back)",
    ]


@pytest.mark.parametrize("text", ALL.values(), ids=ALL)
def test_it_is_escaped_like_any_other(log: io.StringIO, clock: Clock, text: str) -> None:
    for _ in range(4):
        CLIENT.warning("no such topic: %s", text)
        clock.now += 25
    assert said(log) == [
        f"WARNING  aiokafka: no such topic: {spelt(text)}",
        f"WARNING  aiokafka: no such topic: {spelt(text)} (2 more like it held back)",
    ]
    assert harmless(log.getvalue())


def test_ids_are_hashed_in_it(log: io.StringIO) -> None:
    error = KeyError("u42")
    error.shoppers = ("u42",)  # type: ignore[attr-defined]
    CLIENT.error("failed", exc_info=error)
    assert "u42" not in log.getvalue()
    assert "shopper#" in log.getvalue()
