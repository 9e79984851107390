"""``python -m ops.screenshots``: pictures of the live page for README and docs, from a demo of its own.

Needs Chromium. Writes ``docs/page-<name>.png``; a demo that is running already is given by ``--url``.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import sync_playwright

DOCS = Path(__file__).resolve().parent.parent / "docs"
NAMES = ("chromium", "chromium-browser", "google-chrome")
LIVE = 20.0
"""Seconds after the fold in which the demo becomes lively."""
SHOPPER = re.compile(r"raised +(shopper-\d+)")


class Picture(NamedTuple):
    """A picture: its name, the path it shows, the size of the window, and whether it is dark."""

    name: str
    path: str
    size: tuple[int, int]
    dark: bool = False


LAPTOP, PHONE = (1280, 860), (390, 844)
PICTURES = (
    Picture("now", "/", LAPTOP),
    Picture("now-dark", "/?wall", (1600, 900), dark=True),
    Picture("shoppers", "/shoppers", LAPTOP),
    Picture("shopper", "/shoppers/{shopper}", LAPTOP),
    Picture("carts", "/carts", LAPTOP),
    Picture("churn", "/churn", LAPTOP),
    Picture("health", "/health", LAPTOP),
    Picture("phone", "/", PHONE),
)


@contextmanager
def demo() -> Iterator[tuple[str, str]]:
    """A demo that is lively: the page's address, and a shopper of whom a churn alert was raised lately."""
    command = [sys.executable, "-c", "from kairos.commands.cli import main; main()", "demo", "--plain"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = shopper = ""
            until = float("inf")
            for line in process.stdout:
                if found := re.search(r"the live page: (\S+)/", line):
                    url = found[1]
                if line.startswith("time now runs"):
                    until = time.monotonic() + LIVE
                if found := SHOPPER.search(line):
                    shopper = found[1]
                if time.monotonic() > until and shopper:
                    break
            yield url, shopper
        finally:
            process.terminate()
            process.communicate()


def draw(browser: Any, url: str, shopper: str, picture: Picture) -> None:
    """Write one picture, in colours few enough for a small file."""
    width, height = picture.size
    scheme = "dark" if picture.dark else "light"
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme, locale="en-US")
    page.goto(url + picture.path.format(shopper=shopper))
    page.wait_for_timeout(2_500)
    path = DOCS / f"page-{picture.name}.png"
    page.screenshot(path=path)
    page.close()
    if tool := shutil.which("pngquant"):
        subprocess.run([tool, "--force", "--output", str(path), "64", str(path)], check=True)
    print(f"{path.name}: {path.stat().st_size // 1024} KB")


def main() -> None:
    """The program."""
    parser = argparse.ArgumentParser(prog="python -m ops.screenshots")
    parser.add_argument("--url", help="of a page that is running, without the last slash")
    parser.add_argument("--shopper", default="shopper-90001", help="whose card is shown, with --url")
    options = parser.parse_args()
    binary = next((found for name in NAMES if (found := shutil.which(name))), None)
    if binary is None:
        sys.exit(f"none of {', '.join(NAMES)} is on PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox"])
        if options.url:
            for picture in PICTURES:
                draw(browser, options.url, options.shopper, picture)
        else:
            with demo() as (url, shopper):
                for picture in PICTURES:
                    draw(browser, url, shopper, picture)
        browser.close()


if __name__ == "__main__":
    main()
