"""What wakes a shard at rest under the wall clock, and that nothing else does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from models.kernel.settings import DAY, HOUR, MINUTE
from sinks.memory_store import MemoryStore
from streams.claimed import ClaimedShard
from streams.records import End
from streams.rest import Rest
from tests.streams.driven import CART, HOUR0, feed, run, shard

GRACE = 2_000
NOW = HOUR0 + MINUTE


def emptied(at: int, seen: int = 1) -> dict[str, End]:
    return {"clickstream": End(0, at), "cart": End(seen, at), "orders": End(0, at)}


def at_rest(now: int = NOW, **engine: int) -> ClaimedShard:
    """A shard that has folded a cart."""
    s = shard(MemoryStore(), "wall", **engine)
    feed(s, cart=CART)
    run(s, now, emptied(now))
    assert not s.blocked
    return s


def test_the_next_timer_wakes_it_when_no_record_before_it_can_come_any_more() -> None:
    s = at_rest()
    due = s.next_due
    assert due == HOUR0 + 30 * MINUTE
    at = s.wake(NOW)
    assert at == due + GRACE + 1
    assert run(s, at - 2, emptied(at - 2)) == []
    assert [o["kind"] for o in run(s, at, emptied(at))] == ["triggered"]


def test_what_is_due_and_could_not_be_told_waits_for_an_answer() -> None:
    s = at_rest(max_idle=DAY)
    late = s.wake(NOW) or 0
    assert run(s, late + 5, emptied(NOW - 1)) == []  # as far as is known records may lie there
    assert (s.wake(late + 5) or 0) <= late + 5


def test_before_event_time_begins_it_waits_for_an_answer() -> None:
    s = shard(MemoryStore(), "wall")
    assert s.wake(NOW) == NOW
    run(s, NOW, emptied(NOW, 0))
    assert s.watermark == NOW - GRACE
    assert s.wake(NOW) is None  # nobody is known, and no table is computed


def test_without_a_timer_only_tables_wake_it() -> None:
    from models.features import ShopSettings
    from streams.shard import Shard
    from tests.streams.logs import INPUTS

    settings = ShopSettings(table_every=DAY, table_lag=HOUR)
    s = Shard(0, 1, INPUTS, MemoryStore(), settings, clock="wall").claim()
    run(s, NOW, emptied(NOW, 0))
    midnight = NOW // DAY * DAY + DAY
    assert s.wake(NOW) == min(midnight, NOW // DAY * DAY + HOUR if NOW % DAY < HOUR else midnight) + GRACE + 1


def test_the_time_it_has_come_to_goes_on_at_rest() -> None:
    s = at_rest()
    assert s.reached(NOW + HOUR) == NOW + HOUR - GRACE
    feed(s, clicks=CART)
    assert s.reached(NOW + HOUR) == s.watermark


def sham(wake: int | None, blocked: bool = False) -> Any:
    """A shard that is to be stepped in so many ms at least; it is told the time in whole ms, so that one is added."""
    return SimpleNamespace(wake=lambda now: None if wake is None else now + wake + (wake > 0), blocked=blocked)


def rested(shard: Any, news: Callable[[Rest], None] = lambda rest: None, steps: int = 0) -> float:
    """Seconds of the rest after so many steps in vain before."""

    async def main() -> float:
        rest = Rest()
        for _ in range(steps):
            rest.end()
            await rest.until_moved(shard, found=False)
            rest.begin()
        asyncio.get_running_loop().call_later(0.02, news, rest)
        began = time.monotonic()
        await rest.until_moved(shard, found=not steps)
        return time.monotonic() - began

    return asyncio.run(main())


def test_time_ends_a_rest() -> None:
    assert 0.05 <= rested(sham(50)) < 1


@pytest.mark.parametrize("waiting", [sham(0), sham(None, blocked=True)], ids=["due", "blocked"])
def test_an_answer_ends_the_rest_of_one_that_waits_for_it(waiting: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.rest.UNANSWERED", 5.0)
    monkeypatch.setattr("streams.rest.VAIN_REST", 0.3)
    assert rested(waiting, Rest.answered) < 0.2
    assert rested(waiting, Rest.answered, steps=3) >= 0.3  # it has asked often enough


def test_an_answer_is_no_news_for_others() -> None:
    assert rested(sham(300), Rest.answered) >= 0.3
    assert rested(sham(300), Rest.end) < 0.2
