"""``/feed``: what is said, as it is said, or the newest of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from aiohttp import web

from dashboard import event_stream
from dashboard.answers.feed import Item
from dashboard.api import parameters as p
from dashboard.api.json_answer import Body, answered, current, encode
from dashboard.api.types import Feed, Missed
from dashboard.event_stream import Event
from dashboard.feed_reader import FeedReader
from dashboard.keys import WATCHER
from dashboard.watch import Watcher
from sinks.store import StoreError

GONE = "some outputs after the cursor are gone: each shard keeps its newest 1,000"


class Wanted:
    """Which outputs a request asks for."""

    def __init__(self, request: web.Request) -> None:
        self._topic = p.choice(request, p.TOPIC)
        self._user = request.query.get(p.USER.name)

    def of(self, items: list[Item]) -> list[Item]:
        """Those of them that are asked for."""
        return [
            item
            for item in items
            if self._topic in ("", item.topic) and (self._user is None or self._user == item.user_id)
        ]


async def feed(request: web.Request) -> web.StreamResponse:
    """Outputs as server-sent events, or as one answer."""
    wanted, positions = Wanted(request), p.positions(request)
    accepted = request.headers.get("Accept", "")
    if p.choice(request, p.FORMAT) or "application/json" in accepted:
        return await _once(request, wanted, positions)
    watcher = request.app[WATCHER]
    await watcher.fresh()
    reader = FeedReader(watcher.log, watcher.reader, positions)
    return await event_stream.stream(request, _events(watcher, reader, wanted))


async def _once(request: web.Request, wanted: Wanted, positions: dict[int, str] | None) -> web.Response:
    limit, watcher = p.number(request, p.LIMIT), request.app[WATCHER]
    await current(request)
    if positions is None:
        newest = wanted.of(watcher.log.items)[-limit:]
        return answered(request, Body.of(Feed(watcher.log.cursor, tuple(newest), False)))
    reader = FeedReader(watcher.log, watcher.reader, positions)
    found = await reader.read()
    items = wanted.of(found.items)
    at = items[limit - 1].cursor if len(items) > limit else reader.cursor
    return answered(request, Body.of(Feed(at, tuple(items[:limit]), found.missed)))


async def _events(watcher: Watcher, reader: FeedReader, wanted: Wanted) -> AsyncGenerator[Event | None]:
    """What comes after where the reader is, for ever; None where nothing more is there. Where it is goes out at the
    beginning, and again after outputs that were not asked for, so that it need not be read twice."""
    told = ""
    while True:
        look = watcher.look
        try:
            found = await reader.read()
        except StoreError:
            found = None  # it is asked again when it answers
        if found is not None:
            if found.missed:
                yield Event(encode(Missed(GONE)).decode(), "missed", reader.cursor)
            for item in wanted.of(found.items):
                yield Event(encode(item).decode(), "output", told := item.cursor)
            if told != reader.cursor:
                yield Event(id=(told := reader.cursor))
        yield None
        await watcher.changed(look, event_stream.patience())
