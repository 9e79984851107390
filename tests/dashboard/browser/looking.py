"""Opens pages as different readers do, and keeps what they complain of."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

LAPTOP, PHONE, WALL = (1280, 800), (390, 844), (1920, 1080)


class Looking:
    """Pages of one test.

    Attributes
    ----------
    complaints
        Errors on the console, exceptions, and requests that left the host. A test that expects some takes them out.
    """

    def __init__(self, browser: Any) -> None:
        self._browser = browser
        self._contexts: list[Any] = []
        self.complaints: list[str] = []

    def reader(self, size: tuple[int, int] = LAPTOP, *, dark: bool = False, locale: str = "en-US", **more: Any) -> Any:
        """A browser of its own: cookies, locks and channels are shared by its tabs alone."""
        width, height = size
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            locale=locale,
            reduced_motion="reduce",
            **more,
        )
        context.set_default_timeout(10_000)
        self._contexts.append(context)
        return context

    def tab(self, context: Any, url: str) -> Any:
        """A tab of that reader, at an address."""
        page = context.new_page()
        host = urlsplit(url).netloc
        page.on("console", lambda said: said.type in ("error", "warning") and self.complaints.append(said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda asked: self._left(asked.url, host))
        page.goto(url)
        return page

    def at(self, url: str, size: tuple[int, int] = LAPTOP, **more: Any) -> Any:
        """One tab of a new reader."""
        return self.tab(self.reader(size, **more), url)

    def _left(self, url: str, host: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc != host:
            self.complaints.append(f"left the host: {url}")

    def close(self) -> None:
        for context in self._contexts:
            context.close()
