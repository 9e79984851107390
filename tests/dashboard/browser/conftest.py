"""Chromium, a page that keeps what goes wrong in it, and the page's server in a thread."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

import pytest

from tests.dashboard.browser.looking import Looking

T = TypeVar("T")
NAMES = ("chromium", "chromium-browser", "google-chrome")


class Background:
    """An event loop in a thread of its own: Playwright's takes the test's."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, what: Coroutine[Any, Any, T], within: float = 30.0) -> T:
        """Do it there, and wait for its result."""
        return asyncio.run_coroutine_threadsafe(what, self.loop).result(within)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


def unavailable(reason: str) -> None:
    """Skip, with the reason; but where a browser is required, as in CI, a skip would hide that nothing was tested."""
    if os.environ.get("KAIROS_REQUIRE_BROWSER") == "1":
        pytest.fail(f"KAIROS_REQUIRE_BROWSER=1, but there is no browser: {reason}", pytrace=False)
    pytest.skip(f"no browser: {reason}")


@pytest.fixture(scope="module")
def background() -> Iterator[Background]:
    background = Background()
    yield background
    background.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, one for a module."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        unavailable(str(error))
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        unavailable(f"none of {', '.join(NAMES)} is on PATH")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def look(browser: Any) -> Iterator[Looking]:
    """Opens pages; fails the test afterwards if one of them complained, or asked another host."""
    looking = Looking(browser)
    yield looking
    looking.close()
    assert looking.complaints == []
