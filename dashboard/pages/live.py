"""Sections of views as they change, for everybody who watches: rendered once a look, whoever many watch the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncGenerator
from typing import NamedTuple

import msgspec

from dashboard.event_stream import Event, patience
from dashboard.pages.asked import Asked
from dashboard.pages.render import Renderer, Section
from dashboard.pages.views import Seen, View
from dashboard.watch import Watcher

KEPT = 32
"""Pages that are kept as rendered: views by language and choices."""


class Rendered(NamedTuple):
    """A view as of a look, and by section the look it changed with."""

    look: int
    sections: list[Section]
    since: dict[str, int]


class Live:
    """Views as of the newest look."""

    def __init__(self, renderer: Renderer, watcher: Watcher) -> None:
        self._renderer = renderer
        self._watcher = watcher
        self._kept: OrderedDict[tuple[str, Asked], Rendered] = OrderedDict()
        self._events: dict[tuple[str, Asked, int, int], bytes] = {}

    def sections(self, view: View, asked: Asked) -> list[Section]:
        """All sections of a view."""
        return self._rendered(view, asked).sections

    def _rendered(self, view: View, asked: Asked) -> Rendered:
        key, look = (view.name, msgspec.structs.replace(asked, theme="auto")), self._watcher.look
        kept = self._kept.get(key)
        if kept is None or kept.look < look:
            seen = Seen(self._watcher.snapshot, self._watcher.feed)
            kept = self._kept[key] = _after(kept, look, self._renderer.sections(view, seen, asked))
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return kept

    async def changes(self, view: View, asked: Asked) -> AsyncGenerator[bytes | None]:
        """All sections, then those that changed, whenever a look changed some; None where none did."""
        look = -1
        while True:
            rendered = self._rendered(view, asked)
            changed = [section for section in rendered.sections if rendered.since[section.id] > look]
            yield self._event(view, asked, rendered, look, changed) if changed else None
            look = rendered.look
            await self._watcher.changed(look, patience())

    def _event(self, view: View, asked: Asked, rendered: Rendered, before: int, changed: list[Section]) -> bytes:
        """The event, encoded once for all who saw the same look before."""
        if any(key[2] != rendered.look for key in self._events):
            self._events.clear()
        key = (view.name, asked, rendered.look, before)
        if key not in self._events:
            whole = [section.id for section in rendered.sections]
            data = msgspec.json.encode({"order": whole, "sections": changed}).decode()
            self._events[key] = Event(data, "sections", str(rendered.look)).encode()
        return self._events[key]


def _after(before: Rendered | None, look: int, sections: list[Section]) -> Rendered:
    """A new look, with what changed by it."""
    versions = {section.id: section.version for section in before.sections} if before else {}
    since = {
        section.id: before.since[section.id] if before and versions.get(section.id) == section.version else look
        for section in sections
    }
    return Rendered(look, sections, since)
