"""How old what is shown is: shards at rest, shards that fell behind, workers that died, history."""

from __future__ import annotations

from dashboard.answers.freshness import Freshness, freshness, owners
from dashboard.answers.health import health
from dashboard.shop import ShopView
from dashboard.snapshot import ShardView, Snapshot
from dashboard.words import Words
from models.features import ShopSettings
from models.kernel.settings import HOUR, SECOND
from sinks.shard_state import ShardState
from sinks.summary import merge
from sinks.workers import ShardReport, WorkerReport

NOW = 1_775_037_600_000
LIVE = ShopView(settings=ShopSettings())
HISTORY = ShopView(settings=ShopSettings(), clock="event")
EN = Words("en", "UTC")


def shards(*watermarks: int) -> tuple[ShardView, ...]:
    return tuple(ShardView(p, ShardState(watermark=at), 1, 0, 0) for p, at in enumerate(watermarks))


def worker(name: str, *delays: int | None, ago: int = SECOND, clock: str = "wall", first: int = 0) -> WorkerReport:
    """One that was heard of some time ago, with shards from `first` on, which are so far behind."""
    told = tuple(
        ShardReport(first + p, epoch=1, owned=True, lag={"cart": 2}, watermark_delay=delay)
        for p, delay in enumerate(delays)
    )
    return WorkerReport(name, "host", 1, "0.2.0", NOW - ago, clock, told)


def looked(views: tuple[ShardView, ...], *workers: WorkerReport) -> Snapshot:
    return Snapshot(at=NOW, shards=views, summary=merge([]), model=None, workers=workers)


def test_a_shard_at_rest_goes_with_the_clock_as_its_worker_says() -> None:
    """It commits nothing: what Redis has is hours old."""
    found = looked(shards(NOW - 5 * HOUR, NOW - 3 * SECOND), worker("a", 2 * SECOND, 2 * SECOND))
    assert freshness(found, LIVE) == Freshness(NOW - 3 * SECOND, 3 * SECOND, 4, 1)
    assert health(found, LIVE, [], EN).problems == ()


def test_a_shard_whose_worker_died_is_behind_and_that_is_said() -> None:
    found = looked(shards(NOW - 5 * HOUR), worker("a", 2 * SECOND, ago=11 * SECOND))
    assert freshness(found, LIVE) == Freshness(NOW - 5 * HOUR, 5 * HOUR, None, 0)
    problems = health(found, LIVE, [], EN).problems
    assert problems[0].startswith("No worker has told anything for 10 seconds")
    assert "shard 0 by 5 h" in problems[1]


def test_a_shard_that_nobody_owns_is_told() -> None:
    found = looked(shards(NOW, NOW, NOW), worker("a", 0), worker("b", 0, first=1))
    assert health(found, LIVE, [], EN).problems == (
        "Nobody works at these shards: 2. If that lasts, look into the workers' logs, or start another one.",
    )


def test_a_shard_that_has_not_begun_holds_nothing_up() -> None:
    found = looked(shards(0, NOW - SECOND), worker("a", None, SECOND))
    assert freshness(found, LIVE).as_of == NOW - SECOND
    assert freshness(looked(shards(0, 0), worker("a", None, None)), LIVE) == Freshness(0, None, 4, 1)


def test_history_is_not_behind_whatever_the_page_was_told() -> None:
    found = looked(shards(NOW - 900 * HOUR), worker("a", 900 * HOUR, clock="event"))
    for shop in (LIVE, HISTORY):
        assert freshness(found, shop) == Freshness(NOW - 900 * HOUR, None, 2, 1)
    assert health(found, LIVE, [], EN).problems == ()


def test_of_two_that_say_they_own_a_shard_the_one_heard_of_last_does() -> None:
    found = looked(shards(NOW), worker("zombie", 0, ago=6 * SECOND), worker("owner", 0, ago=SECOND))
    assert {partition: who.id for partition, (who, _) in owners(found).items()} == {0: "owner"}
