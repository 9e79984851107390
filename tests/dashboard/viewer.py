"""A process of the page, and somebody who reads its stream of outputs as a browser does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession

from dashboard.access import Access
from dashboard.server import build, serving
from dashboard.watch import Watcher
from sinks.store import ReadModel
from tests.dashboard.called import SHOP

EVERY = 0.02


@asynccontextmanager
async def page(reader: ReadModel) -> AsyncIterator[tuple[ClientSession, str]]:
    """A process of the page, and the address of its API."""
    app = build(Watcher(reader, every=EVERY), SHOP, Access())
    async with serving(app, "127.0.0.1", 0) as port, ClientSession() as http:
        yield http, f"http://127.0.0.1:{port}/api/v1"


class Viewer:
    """Reads a stream of events, as a browser does."""

    def __init__(self) -> None:
        self.id = ""
        self.events: list[tuple[str, Any]] = []
        self.begun = asyncio.Event()

    @property
    def ids(self) -> list[str]:
        """Ids of the outputs that arrived."""
        return [data["id"] for event, data in self.events if event == "output"]

    async def read(self, http: ClientSession, url: str, outputs: int) -> None:
        """Read until so many outputs have arrived, or the stream ends."""
        headers = {"Last-Event-ID": self.id} if self.id else {}
        event, data, ident = "message", "", ""
        async with asyncio.timeout(10), http.get(url, headers=headers) as response:
            assert response.content_type == "text/event-stream"
            async for line in response.content:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                match name:
                    case "event":
                        event = value
                    case "data":
                        data = value
                    case "id":
                        ident = value
                    case "":
                        self.id = ident or self.id
                        if data:
                            self.events.append((event, json.loads(data)))
                            self.begun.set()
                        event, data = "message", ""
                        if self.id and len(self.ids) >= outputs:
                            return
