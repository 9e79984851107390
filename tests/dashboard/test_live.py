"""Sections as they change: rendered once for all who watch the same, sent where they changed, and nothing else."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from msgspec.structs import replace

from dashboard.pages.asked import Asked
from dashboard.pages.live import Live
from dashboard.pages.render import Renderer, Section
from dashboard.pages.views import Seen, View
from dashboard.snapshot import ShardView
from sinks.shard_state import ShardState
from tests.dashboard import sample
from tests.dashboard.served import BY_HAND, LOOKED, SHOWN, HandWatcher

NEW = replace(sample.feed()[0], id="e" * 32, message=sample.messages()[0] | {"id": "e" * 32})


class Counted(Renderer):
    """Counts what it renders."""

    times = 0

    def sections(self, view: View, seen: Seen, asked: Asked) -> list[Section]:
        self.times += 1
        return super().sections(view, seen, asked)


def told(event: Any) -> dict[str, Any]:
    """The data of an event as it was sent."""
    lines = event.decode().splitlines()
    found: dict[str, Any] = json.loads("\n".join(line[6:] for line in lines if line.startswith("data: ")))
    return found


def test_many_viewers_are_rendered_for_once() -> None:
    async def main() -> None:
        watcher, renderer = HandWatcher(), Counted(SHOWN)
        live = Live(renderer, watcher)  # type: ignore[arg-type]
        viewers = [live.changes(BY_HAND["now"], Asked(theme=theme)) for theme in ("auto", "dark") * 50]
        first = [await anext(viewer) for viewer in viewers]
        assert renderer.times == 1
        assert len(told(first[0])["sections"]) == len(BY_HAND["now"].sections) + 2
        coming = [asyncio.ensure_future(anext(viewer)) for viewer in viewers]
        await asyncio.sleep(0)
        await watcher.move(feed=[*sample.feed(), NEW])
        second = [told(await each) for each in coming]
        assert renderer.times == 2
        assert [section["id"] for section in second[0]["sections"]] == ["now-feed"]
        assert all(each == second[0] for each in second)
        assert "e" * 32 in second[0]["sections"][0]["html"]

    asyncio.run(main())


def test_a_look_that_changes_nothing_here_sends_nothing() -> None:
    async def main() -> None:
        watcher = HandWatcher()
        viewer = Live(Renderer(SHOWN), watcher).changes(BY_HAND["carts"], Asked())  # type: ignore[arg-type]
        await anext(viewer)
        for _ in range(3):
            coming = asyncio.ensure_future(anext(viewer))
            await asyncio.sleep(0)
            await watcher.move(feed=[*sample.feed(), NEW])
            assert await coming is None
        coming = asyncio.ensure_future(anext(viewer))
        await asyncio.sleep(0)
        await watcher.move(problem="gone")
        assert {section["id"] for section in told(await coming)["sections"]} == {"banner", "fresh"}

    asyncio.run(main())


@pytest.mark.parametrize(
    ("behind", "workers", "problem", "level", "words"),
    [
        (2_000, True, "", "good", "2 s behind"),
        (45_000, True, "", "old", "45 s behind"),
        (400_000, True, "", "bad", "7 min behind"),
        (2_000, False, "", "old", "no worker is heard of"),
        (2_000, True, "refused", "bad", "Redis does not answer"),
    ],
)
def test_age_is_told_in_words_and_colour(behind: int, workers: bool, problem: str, level: str, words: str) -> None:
    shard = ShardView(0, ShardState(watermark=LOOKED.at - behind), 1, 0, 0)
    worker = replace(LOOKED.workers[0], at=LOOKED.at if workers else 0)
    snapshot = replace(LOOKED, shards=(shard,), workers=(worker,), problem=problem)
    sections = Renderer(SHOWN).sections(BY_HAND["now"], Seen(snapshot), Asked())
    html = next(section.html for section in sections if section.id == "fresh")
    assert f'class="fresh {level}"' in html
    assert words in html
