"""A worker process is made one way, whichever command line starts it."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace

from kairos import wiring
from kairos.commands import worker
from kairos.config.settings import Settings, load
from kairos.errors import SettingsError, TopicError
from kairos.terminal import logs

pytestmark = pytest.mark.usefixtures("own_logs")


@pytest.fixture(autouse=True)
def own_collector() -> Iterator[None]:
    """What the test does to the garbage collector is undone."""
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done on the way, in order, with nothing behind it."""
    steps: list[str] = []

    def step(name: str) -> Callable[[Settings], str]:
        return lambda settings: steps.append(name) or name

    monkeypatch.setattr(wiring, "app", step("app"))
    monkeypatch.setattr(wiring.topics, "check", step("topics"))
    monkeypatch.setattr(wiring, "preflight", step("preflight"))
    return steps


def as_faust_does(monkeypatch: pytest.MonkeyPatch) -> object:
    return wiring.faust_app()


def as_kairos_does(monkeypatch: pytest.MonkeyPatch) -> object:
    from streams import process

    started: list[object] = []

    class Worker:
        def __init__(self, app: object, **_: object) -> None:
            started.append(app)

        def execute_from_commandline(self) -> None: ...

    monkeypatch.setattr(process, "Worker", Worker)
    monkeypatch.setattr(worker.asyncio, "new_event_loop", lambda: None)
    monkeypatch.setattr(worker.asyncio, "set_event_loop", lambda _loop: None)
    worker.run(load({}))
    return started[0]


@pytest.mark.parametrize("start", [as_faust_does, as_kairos_does])
def test_checked_and_spared(start: Callable[..., object], made: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert start(monkeypatch) == "app"
    assert made == ["app", "topics", "preflight"]
    assert gc.get_freeze_count() > 0
    assert gc.get_threshold()[0] == 100_000
    assert logging.getLogRecordFactory() is logs.HarmlessRecord


@pytest.mark.parametrize(("every", "makes"), [(86_400_000, 1), (0, 0)])
def test_the_rival_is_made_in_the_background(made: list[str], every: int, makes: int) -> None:
    by = list[threading.Thread]()
    settings, begun = load({}), set(threading.enumerate())
    shop = replace(settings.shop, table_every=every, churn_rival=lambda: by.append(threading.current_thread()))
    wiring.ready(replace(settings, shop=shop))
    for thread in set(threading.enumerate()) - begun:
        thread.join(10)
    assert len(by) == makes
    assert threading.current_thread() not in by


def test_a_rival_that_cannot_be_made_in_the_background_stops_nobody(
    made: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """An error of the thread would be a warning here, and so an error of this test."""

    def failing() -> None:
        raise RuntimeError("can't register atexit after shutdown")

    settings, begun = load({}), set(threading.enumerate())
    wiring.ready(replace(settings, shop=replace(settings.shop, table_every=1, churn_rival=failing)))
    for thread in set(threading.enumerate()) - begun:
        thread.join(10)
    assert "shutdown" not in caplog.text


def test_faust_is_told_what_is_wrong_in_one_line(
    made: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_settings: Settings) -> None:
        raise TopicError("missing: cart")

    monkeypatch.setattr(wiring.topics, "check", refuse)
    with pytest.raises(SystemExit, match="1"):
        wiring.faust_app()
    assert capsys.readouterr().err == "kairos: missing: cart\n"
    assert made == ["app"]


def test_a_worker_needs_its_servers() -> None:
    with pytest.raises(SettingsError, match="KAFKA_URL"):
        wiring.ready(load({}))
