"""The page's server over a store, called over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from dashboard.access import Access
from dashboard.server import build
from dashboard.shop import ShopView
from dashboard.watch import Watcher
from kairos.config.settings import Settings, load
from kairos.replay import ticks
from kairos.replay.local import Local
from sinks.memory_outputs import MemoryOutputs
from sinks.store import ReadModel, Store
from tests import golden

Client = TestClient[web.Request, web.Application]
SETTINGS: Settings = load({})
SHOP = ShopView(settings=SETTINGS.shop, clock="event", name="Test")
EVERY = 0.01
"""Seconds between looks."""


def fold(store: Store, seed: int = 2, shards: int = 3) -> MemoryOutputs:
    """A shop that is made up, through the engine; what it said."""
    outputs = MemoryOutputs()
    Local(SETTINGS, shards, store, outputs).run(ticks.spans(golden.SMALL[f"simulated-{seed}"](SETTINGS)))
    return outputs


def served(reader: ReadModel, test: Callable[[Client], Awaitable[Any]], access: Access | None = None) -> Any:
    """Run a test against the server; what it returns."""

    async def run() -> Any:
        app = build(Watcher(reader, every=EVERY), SHOP, access or Access())
        async with TestClient(TestServer(app)) as client:
            return await test(client)

    return asyncio.run(run())
