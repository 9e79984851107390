"""A real worker, scraped: its numbers are those that Redis has, and its health is what befell it."""

from __future__ import annotations

import asyncio
import re
import threading
import uuid
from pathlib import Path
from typing import Any

import pytest

from kairos import wiring
from kairos.errors import SettingsError
from kairos.monitoring import health
from kairos.monitoring.metrics import COUNTED
from models.profile import codec
from sinks.read_model import summary
from sinks.redis_store import RedisStore
from streams.shard import Flow
from streams.shards import Shards
from tests.integration.servers import RedisServer
from tests.kairos.monitoring.watched import SHARDS, Watched, until
from tests.kairos.shops import OPENED

HOUR = 3_600_000
PAGE = (Path(__file__).resolve().parents[3] / "docs/operations.md").read_text("utf-8")
DOCUMENTED = {
    name
    for row in re.findall(r"^\| (`kairos_.*?) \|", PAGE.split("### Endpoints")[0], re.M)
    for name in row.strip("`").split("`, `")
}


def worker(url: str, patience: int = 60_000) -> Watched:
    return Watched(url, f"w{uuid.uuid4().hex[:8]}", patience)


def test_a_scrape_says_what_redis_counts(redis_url: str, tmp_path: Path) -> None:
    watched = worker(redis_url)
    watched.add("orders", "Order Completed", order_id=7, revenue="5.00", coupon={})
    watched.add("clickstream", "Wheel Spun")
    watched.append(tmp_path)

    async def look() -> None:
        async with watched.running():
            await watched.folded()
            seen = await watched.scraped()
            check(watched, seen)
            assert seen["kairos_coerced_total", "text", "revenue"] == seen["kairos_unknown_names", "Wheel Spun"] == 1
            assert seen["kairos_ignored_total", "wrong_type", "coupon"] == 1
            assert {re.sub(r"_(bucket|sum|count)$", "", name) for name, *_ in seen} == DOCUMENTED
            assert await watched.judged("/health") == (200, {"ok": True, "shards": SHARDS, "problems": []})
            assert await watched.judged("/ready") == (200, {"ok": True, "shards": SHARDS, "problems": []})

    asyncio.run(look())


def check(watched: Watched, seen: dict[tuple[str, ...], float]) -> None:
    told = summary(watched.reader)
    events = {labels[0]: n for (name, *labels), n in seen.items() if name == "kairos_events_total"}
    assert events == {
        "applied": told.counts["applied"],
        "duplicate": told.counts["duplicates"],
        "dead_letter": told.counts["dead_letters"],
    }
    assert sum(events.values()) == told.counts["events"] > 1_000
    assert {labels[0]: n for (name, *labels), n in seen.items() if name == "kairos_dead_letters_total"} == dict(
        told.dead_letters
    )
    outputs = {(topic, kind): n for topic, kinds in told.outputs.items() for kind, n in kinds.items()}
    assert {tuple(labels): n for (name, *labels), n in seen.items() if name == "kairos_outputs_total"} == outputs
    assert seen["kairos_published_total",] == sum(outputs.values()) > 100
    assert {name: seen[f"kairos_{name}_total",] for name in COUNTED} == {name: told.counts[name] for name in COUNTED}
    assert seen["kairos_fenced_total",] == 0
    for stage in ("plan", "load", "fold", "apply"):
        assert seen["kairos_stage_seconds_count", stage] == seen["kairos_batches_total",] > 0
    assert 0 < seen["kairos_stage_seconds_count", "publish"] <= seen["kairos_batches_total",]

    assert (seen["kairos_shards_assigned",], seen["kairos_shards_owned",], seen["kairos_redis_up",]) == (2, 2, 1)
    shards = [str(shard) for shard in range(SHARDS)]
    assert sum(seen["kairos_shoppers", shard] for shard in shards) == told.counts["shoppers"] > 0
    assert sum(seen["kairos_carts", shard] for shard in shards) == told.counts["carts"]
    for number, shard in enumerate(shards):
        owned = watched.app.shards.owned[number]
        assert seen["kairos_watermark_timestamp_seconds", shard] == owned.watermark / 1000
        assert seen["kairos_watermark_delay_seconds", shard] > 0
        assert seen["kairos_outbox_messages", shard] == seen["kairos_table_awaited", shard] == 0
        assert seen["kairos_profiles_cached", shard] == len(owned.cache.packed) > 0
        assert seen["kairos_timers", shard] == len(watched.reader.timers(number)) > 0
        assert seen["kairos_timers_due", shard] == 0
        assert all(seen["kairos_lag_records", topic, shard] == 0 for topic in watched.route.inputs)


def test_no_label_is_an_id(redis_url: str, tmp_path: Path) -> None:
    watched = worker(redis_url)
    watched.append(tmp_path)

    async def look() -> set[str]:
        async with watched.running():
            await watched.folded()
            return {value for (_, *labels) in await watched.scraped() for value in labels}

    labels = asyncio.run(look())
    ids = {user for shard in range(SHARDS) for user, _ in watched.reader.profiles(shard)}
    assert len(ids) > 100
    assert not labels & ids
    assert all(re.fullmatch(r"[a-z_-]+|[\d.]+|\+Inf", label) for label in labels)
    assert len(labels) < 60


def test_lag(redis_url: str, tmp_path: Path) -> None:
    """One input falls silent: what lies in the others is lag."""
    watched = worker(redis_url)
    watched.append(tmp_path, hours=3)

    async def look() -> None:
        async with watched.running():
            await watched.folded()
            before = summary(watched.reader).counts["ticks"]
            click, cart, _ = watched.route.inputs
            call = b'{"type":"page","userId":"u%d","timestamp":"2024-03-05T10:00:00Z"}'
            users = [number for number in range(40) if watched.route.partition(b"u%d" % number) == 1]
            for number in users:
                watched.broker.append(click, 1, b"u%d" % number, call % number)
            watched.tick(OPENED + 48 * HOUR, [click, cart])
            shard = watched.app.shards.owned[1]
            await until(lambda: shard.buffers[click].waiting > len(users))
            await until(lambda: summary(watched.reader).counts["ticks"] == before + 3)  # the heads of both, but for one
            seen = await watched.scraped()
            assert seen["kairos_lag_records", click, "1"] == len(users) + 1
            assert seen["kairos_buffered_records", "1"] == len(users) + 1
            assert seen["kairos_lag_records", cart, "1"] == 0

    asyncio.run(look())


def test_a_fenced_commit_is_counted_and_not_ready(redis_url: str, tmp_path: Path) -> None:
    watched = worker(redis_url)
    watched.append(tmp_path, hours=3)
    store = RedisStore(wiring.client(redis_url), watched.settings.namespace)

    async def look() -> None:
        async with watched.running():
            await watched.folded()
            let_in = asyncio.Event()
            watched.app.shards._regain_after = 0.01
            watched.app.shards.source.is_member = is_set(let_in)
            store.claim(0, "a thief", schema=codec.SCHEMA, partitions=SHARDS)
            watched.tick(OPENED + 5 * HOUR)
            await until(lambda: 0 not in watched.app.shards.owned)
            status, said = await watched.judged("/ready")
            assert (status, said["problems"], said["shards"]) == (503, ["shard 0: not claimed yet"], 1)
            assert (await watched.judged("/health"))[0] == 200
            let_in.set()
            await watched.folded()  # it claimed the shard again
            assert (await watched.scraped())["kairos_fenced_total",] == 1
            assert (await watched.judged("/ready"))[0] == 200

    asyncio.run(look())


def is_set(event: asyncio.Event) -> Any:
    async def answer() -> bool:
        return event.is_set()

    return answer


def reasons(judged: tuple[int, dict[str, Any]]) -> tuple[int, list[str]]:
    """Status, and the problems without how long they have lasted."""
    return judged[0], [problem.partition(",")[0] for problem in judged[1]["problems"]]


@pytest.mark.servers
def test_a_redis_that_refuses_or_is_gone_makes_it_not_ready(tmp_path: Path) -> None:
    async def look(server: RedisServer) -> None:
        watched = worker(server.url)
        watched.append(tmp_path, hours=3)
        client = wiring.client(server.url)
        async with watched.running():
            await watched.folded()
            client.config_set("maxmemory", "1")
            watched.tick(OPENED + 5 * HOUR)
            shards = watched.app.shards
            await until(lambda: shards.outages.writes.since)
            assert reasons(await watched.judged("/ready")) == (503, ["Redis refuses to write"])
            assert (await watched.judged("/health"))[0] == 200
            client.config_set("maxmemory", "0")
            await watched.folded()
            assert (await watched.judged("/ready"))[0] == 200

            server.kill()
            await until(lambda: shards.outages.store.since)  # though no shard has asked it for anything
            assert reasons(await watched.judged("/ready")) == (503, ["Redis does not answer"])
            watched.tick(OPENED + 6 * HOUR)
            seen = await watched.scraped()
            assert seen["kairos_redis_up",] == 0
            assert ("kairos_timers", "0") not in seen
            assert seen["kairos_lag_records", watched.route.inputs[0], "0"] == 1
            assert seen["kairos_kafka_up",] == 1
            server.start()
            await watched.folded()
            await until(lambda: not shards.outages.store.since)
            assert (await watched.judged("/ready"))[0] == 200

    with RedisServer() as server:
        asyncio.run(look(server))


def test_a_loop_that_hangs_is_neither_healthy_nor_ready(
    redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "BEAT", 0.02)
    watched = worker(redis_url, patience=200)
    watched.append(tmp_path, hours=1)
    codes: dict[str, int] = {}

    def probe(hangs: threading.Event, seen: threading.Event) -> None:
        hangs.wait()
        try:
            while watched.get("/health")[0] == 200:
                pass
            codes.update({path: watched.get(path)[0] for path in ("/health", "/ready", "/metrics")})
        finally:
            seen.set()

    async def look() -> None:
        hangs, seen = threading.Event(), threading.Event()
        thread = threading.Thread(target=probe, args=(hangs, seen))
        async with watched.running():
            await watched.folded()
            thread.start()
            hangs.set()
            seen.wait(60)  # on purpose: nothing else runs in this loop meanwhile
            await until(lambda: watched.app.shards.owned)
            await asyncio.sleep(0.1)
            assert (await watched.judged("/health"))[0] == 200
        thread.join()

    asyncio.run(look())
    assert codes == {"/health": 503, "/ready": 503, "/metrics": 200}


def test_stuck_is_what_takes_longer_than_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    class Runner:
        partition, epoch = 3, 1
        busy_since: float | None = 100.0

    runner = Runner()
    shards = Shards(Flow("shoppers", [], lambda *_: None, None))  # type: ignore[arg-type, return-value]
    judge = health.Health(shards, 60.0)
    assert judge.ready().problems == ("no shards assigned yet",)
    shards._released, shards._runners = False, {3: runner}  # type: ignore[dict-item]
    for now, problems in ((159.0, ()), (161.0, ("shard 3: not through with a batch for 61 s",))):
        judge._alive = now
        monkeypatch.setattr(health.time, "monotonic", lambda now=now: now)
        assert judge.ready().problems == problems
        assert judge.alive().ok
    runner.busy_since = None
    assert judge.ready().ok
    runner.epoch = 0
    assert judge.ready().problems == ("shard 3: not claimed yet",)
    shards._runners = {}
    assert judge.ready().ok  # it stands by


def test_other_requests(redis_url: str) -> None:
    watched = worker(redis_url)

    async def look() -> None:
        async with watched.running():
            assert await asyncio.to_thread(watched.get, "/") == (404, b"/metrics, /health, /ready\n")
            assert (await asyncio.to_thread(watched.get, "/metrics", "POST"))[0] == 405
            with pytest.raises(SettingsError, match=r"KAIROS_METRICS_PORT=\d+: 127\.0\.0\.1: .*port of its own"):
                wiring.watched(watched.app, watched.settings, redis_url, wiring.observer(watched.settings))

    asyncio.run(look())


def test_it_is_off_by_default() -> None:
    settings = wiring.load({})
    assert wiring.observer(settings) is None
    app = object()
    assert wiring.watched(app, settings, "", None) is app  # type: ignore[arg-type]
