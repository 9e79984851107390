"""Paced fetches: how far apart they begin, that none is held up that the broker held, and what is told."""

from __future__ import annotations

import asyncio
import itertools
from types import SimpleNamespace
from typing import Any

from streams.transport.pacing import Pacing

GATHER = 0.3


class Fetcher:
    """Answers after `within` seconds with news or without."""

    def __init__(self) -> None:
        self.within, self.news = 0.0, True
        self.begun: list[tuple[int, float]] = []

    async def _proc_fetch_request(self, assignment: Any, node: int, request: Any) -> bool:
        self.begun.append((node, asyncio.get_running_loop().time()))
        await asyncio.sleep(self.within)
        return self.news


async def fetched(fetcher: Any, *nodes: int) -> None:
    for node in nodes:
        await fetcher._proc_fetch_request(SimpleNamespace(active=True), node, None)


def apart(fetcher: Fetcher) -> list[float]:
    times = [at for _, at in fetcher.begun]
    return [second - first for first, second in itertools.pairwise(times)]


def test_fetches_of_a_node_begin_apart() -> None:
    async def main() -> Fetcher:
        fetcher = Fetcher()
        Pacing(fetcher, GATHER, lambda: None)
        await fetched(fetcher, 1, 1, 1)
        return fetcher

    assert all(gap >= GATHER - 0.02 for gap in apart(asyncio.run(main())))


def test_nodes_do_not_wait_for_each_other_nor_after_a_fetch_that_took_long() -> None:
    async def main() -> Fetcher:
        fetcher = Fetcher()
        Pacing(fetcher, GATHER, lambda: None)
        await fetched(fetcher, 1, 2, 3)
        fetcher.within = GATHER
        await fetched(fetcher, 4, 4)
        return fetcher

    first, second, _, long = apart(asyncio.run(main()))
    assert first < GATHER / 2 > second
    assert long < 1.5 * GATHER


def test_an_answer_without_records_is_told_and_no_other() -> None:
    told: list[int] = []

    async def main() -> None:
        fetcher = Fetcher()
        Pacing(fetcher, 0, lambda: told.append(1))
        await fetched(fetcher, 1)
        assert not told
        fetcher.news = False
        await fetched(fetcher, 1)

    asyncio.run(main())
    assert told == [1]


def test_partitions_that_are_taken_away_end_the_rest() -> None:
    """As aiokafka's own method does: it is cancelled, and says that there is nothing."""

    async def main() -> Any:
        fetcher: Any = Fetcher()
        Pacing(fetcher, 30.0, lambda: None)
        await fetched(fetcher, 1)
        rest = asyncio.create_task(fetcher._proc_fetch_request(SimpleNamespace(active=False), 1, None))
        await asyncio.sleep(0.01)
        rest.cancel()
        return await rest, len(fetcher.begun)

    assert asyncio.run(main()) == (False, 1)
