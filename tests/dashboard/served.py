"""The page with answers made by hand: full of everything, and without a Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from msgspec.structs import replace

from dashboard import event_stream, guard
from dashboard.access import Access
from dashboard.answers.feed import Item
from dashboard.keys import ACCESS, ROLLS, SHOP, WATCHER
from dashboard.pages import routes
from dashboard.pages.views import VIEWS, View
from dashboard.rolls import Roll
from dashboard.shop import ShopView
from dashboard.snapshot import ShardView, Snapshot
from models.features import ShopSettings
from sinks.members import Member
from sinks.shard_state import ShardState
from sinks.summary import merge
from sinks.workers import ShardReport, WorkerReport
from tests.dashboard import sample

SHOWN = ShopView(settings=ShopSettings(currency="USD", time_zone="UTC"), name="Kairos")
WORKER = WorkerReport("w1", "host-a", 4711, "0.2.0", sample.AS_OF, "wall", (ShardReport(0, owned=True),))
LOOKED = Snapshot(
    at=sample.AS_OF + 2_000,
    shards=(ShardView(0, ShardState(watermark=sample.AS_OF), 9, 1, 0),),
    summary=merge([]),
    model=None,
    workers=(WORKER,),
)
ANSWERS: dict[str, Callable[[], Any]] = {
    "now": sample.now,
    "shoppers": sample.shoppers,
    "carts": sample.carts,
    "churn": sample.churn,
    "health": sample.health,
}
BY_HAND: dict[str, View] = {
    name: view._replace(answer=lambda *_, name=name: ANSWERS[name]()) for name, view in VIEWS.items()
}


class HandWatcher:
    """What a `Watcher` offers, moved by hand."""

    def __init__(self) -> None:
        self.snapshot = LOOKED
        self.feed: Sequence[Item] = sample.feed()
        self.look = 1
        self.reader = None
        self._moved = asyncio.Condition()

    async def fresh(self) -> Snapshot:
        return self.snapshot

    async def changed(self, look: int, _within: float) -> int:
        async with self._moved:
            await self._moved.wait_for(lambda: self.look > look)
        return self.look

    async def move(self, feed: Sequence[Item] | None = None, problem: str = "") -> None:
        """Another look, which found this."""
        self.feed = self.feed if feed is None else feed
        self.snapshot = replace(self.snapshot, problem=problem)
        self.look += 1
        async with self._moved:
            self._moved.notify_all()


class HandRolls:
    """What `Rolls` offers: one roll, of whatever tag."""

    async def get(self, _tag: str, _patience: float = 0.0) -> Roll:
        found = (Member("shopper-7", sample.AS_OF - 9, 28_740), Member(sample.HOSTILE, sample.AS_OF - 99, 0))
        return Roll(members=found, holders=2, seen=2, finished=1.0)


def application(watcher: Any, views: dict[str, View] = BY_HAND) -> web.Application:
    """The pages alone."""
    app = web.Application()
    app[WATCHER], app[SHOP], app[ACCESS], app[ROLLS] = watcher, SHOWN, Access(), HandRolls()  # type: ignore[misc]
    app.on_response_prepare.append(guard.head)
    event_stream.install(app)
    app.add_routes(routes.routes(views))
    return app


@asynccontextmanager
async def serving(app: web.Application, port: int = 0) -> AsyncIterator[str]:
    """Serve an application; yields its address."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
