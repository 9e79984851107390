"""Names the concrete parts: which store, which outputs, which transport."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Any

import msgspec
from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from kairos.config.security import RedisTls
from kairos.config.settings import Settings, load, required
from kairos.demo import run_file
from kairos.demo.inputs import Inputs
from kairos.errors import NoServer, exit_on_error
from kairos.kafka import topics
from kairos.monitoring import eviction
from kairos.monitoring.preflight import check
from kairos.terminal import log_repeats, logs
from sinks.keys import workers_key
from sinks.outputs import Outputs
from sinks.redis_errors import store_errors
from sinks.redis_reader import RedisReader
from sinks.redis_store import RedisStore
from sinks.reports import RedisReports
from sinks.store import StoreError, Unavailable
from streams.faults import Faults
from streams.observer import Observer
from streams.shard import Flow, Shard

if TYPE_CHECKING:  # Faust takes a second to import
    from streams.process import App
    from streams.transport.broker import MemoryBroker

TIMEOUT = 5.0
"""Seconds a call to Redis may take before it counts as unanswered."""


def client(url: str, tls: RedisTls | None = None, *, timeout: float = TIMEOUT, attempts: int = 3) -> Redis:
    """A client for a Redis URL. It may send a call again by itself: every script of ours knows a repeat."""
    return Redis.from_url(
        url,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        health_check_interval=30,
        retry=Retry(ExponentialBackoff(cap=1.0, base=0.05), attempts),
        **(tls or RedisTls()).client(url),
    )


def reader(settings: Settings) -> RedisReader:
    """The read model: of REDIS_URL, else of the demo that runs here.

    Raises
    ------
    NoServer
        Neither is there.
    """
    if settings.redis_url:
        return RedisReader(client(settings.redis_url, settings.redis_tls), settings.namespace)
    demo = run_file.running()
    if demo is None:
        raise NoServer("no server: start `make demo` or set REDIS_URL")
    return RedisReader(client(demo.redis), demo.namespace)


def page_reader(settings: Settings) -> RedisReader:
    """The same for a page that looks again and again, and must hear soon that Redis does not answer. NoServer as
    `reader`."""
    if settings.redis_url:
        return impatient(settings, settings.redis_url)
    demo = run_file.running()
    if demo is None:
        raise NoServer("no server: start `make demo` or set REDIS_URL")
    return impatient(msgspec.structs.replace(settings, namespace=demo.namespace), demo.redis)


def demo_inputs() -> Inputs:
    """The newest events of the demo that runs here. NoServer if there is none."""
    demo = run_file.running()
    if demo is None:
        raise NoServer("no server: start `make demo` or set KAFKA_URL")
    return Inputs(client(demo.redis), demo.namespace)


def store(settings: Settings) -> RedisStore:
    """The store of REDIS_URL."""
    assert settings.redis_url is not None
    return RedisStore(client(settings.redis_url, settings.redis_tls), settings.namespace)


def shoppers(settings: Settings, url: str, outputs: Outputs, faults: Faults, observer: Observer | None) -> Flow:
    """The flow of shoppers, whose shards have their state in the Redis of `url`."""
    store = RedisStore(client(url, settings.redis_tls), settings.namespace)

    def shard(partition: int, partitions: int) -> Shard:
        return Shard(
            partition,
            partitions,
            settings.inputs,
            store,
            settings.shop,
            topics=settings.outputs,
            namespace=settings.namespace,
            clock=settings.clock,
            engine=settings.engine,
            faults=faults,
            observer=observer,
        )

    return Flow("shoppers", settings.inputs, shard, outputs)


def app(settings: Settings) -> App:
    """The Faust app over Kafka and Redis.

    Raises
    ------
    SettingsError
        KAFKA_URL or REDIS_URL is not set.
    """
    from sinks.kafka_outputs import KafkaOutputs
    from streams.topology import build
    from streams.transport.kafka import Kafka

    required(settings.brokers, "KAFKA_URL", "nothing will arrive. Set it to host:port of a Kafka broker")
    required(settings.redis_url, "REDIS_URL", "profiles have nowhere to live. Set it to redis://host:6379/0")
    assert settings.redis_url is not None
    faults = Faults.parse(settings.faults)
    outputs = KafkaOutputs(settings.brokers, settings.outputs.values(), security=settings.security.client())
    metrics = observer(settings)
    made = build(
        settings.group,
        [shoppers(settings, settings.redis_url, outputs, faults, metrics)],
        Kafka(settings.brokers, settings.security.faust()),
        clock=settings.clock,
        gather=settings.engine.gather / 1000,
        on_gap=settings.on_gap,
        faults=faults,
        observer=metrics,
        resources=[outputs],
        settings=web(settings.web_port),
    )
    return seen(made, settings, settings.redis_url, metrics)


def preflight(settings: Settings) -> None:
    """Refuse to start where Redis would forget, or ``clock=wall`` could not be kept (see `kairos.monitoring`)."""
    from streams.transport.kafka import Thread

    assert settings.redis_url is not None
    with client(settings.redis_url, settings.redis_tls) as redis, store_errors():
        eviction.check(settings, redis)
        check(settings, redis, Thread.FETCH_WAIT)


def embedded_app(settings: Settings, url: str, broker: MemoryBroker, outputs: Outputs) -> App:
    """The same app over a broker in this process."""
    from streams.topology import build
    from streams.transport.memory import Memory

    metrics = observer(settings)
    flow = shoppers(settings, url, outputs, Faults(), metrics)
    made = build(
        settings.group,
        [flow],
        Memory(broker),
        clock=settings.clock,
        gather=settings.engine.gather / 1000,
        observer=metrics,
    )
    _make_fit(settings)
    return seen(made, settings, url, metrics)


def observer(settings: Settings) -> Observer | None:
    """Who takes note of each batch; nobody if nobody may ask."""
    if not settings.metrics.port:
        return None
    from kairos.monitoring.metrics import Metrics

    return Metrics()


def seen(app: App, settings: Settings, url: str, observer: Observer | None) -> App:
    """The app with all by which others see how it is, and it itself how Redis is."""
    return watched(reporting(pulsed(app, settings, url), settings, url), settings, url, observer)


def watched(app: App, settings: Settings, url: str, observer: Observer | None) -> App:
    """The app with its page for `/metrics`, `/health` and `/ready`, if the settings want one."""
    if observer is None:
        return app
    from kairos.monitoring.gauges import Gauges
    from kairos.monitoring.health import Health
    from kairos.monitoring.http_server import HttpServer
    from kairos.monitoring.metrics import Metrics

    assert isinstance(observer, Metrics)
    observer.registry.register(Gauges(app.shards, impatient(settings, url)))
    health = Health(app.shards, settings.metrics.stuck_after / 1000)
    app.resources = [HttpServer(settings.metrics, observer.registry, health), *app.resources]
    return app


def impatient(settings: Settings, url: str) -> RedisReader:
    """The read model, for whoever must hear soon that Redis does not answer."""
    return RedisReader(client(url, settings.redis_tls, timeout=1.0, attempts=0), settings.namespace)


def reporting(app: App, settings: Settings, url: str) -> App:
    """The app that reports on itself in Redis again and again."""
    from kairos.monitoring.health import Health
    from kairos.monitoring.reporter import Reporter

    reports = RedisReports(client(url, settings.redis_tls, timeout=1.0, attempts=0), workers_key(settings.namespace))
    health = Health(app.shards, settings.metrics.stuck_after / 1000)
    reporter = Reporter(app.shards, settings.clock, reports, impatient(settings, url), health)
    app.resources = [reporter, *app.resources]
    return app


def pulsed(app: App, settings: Settings, url: str) -> App:
    """The app that asks Redis again and again whether it is there."""
    from streams.pulse import Pulse

    reader = impatient(settings, url)

    def missing() -> str:
        try:
            reader.partitions()
        except Unavailable as error:
            return str(error)
        except StoreError:  # it refuses: it is there
            return ""
        return ""

    app.resources = [Pulse(app.outages.store, lambda: asyncio.to_thread(missing)), *app.resources]
    return app


def web(port: int) -> dict[str, Any]:
    """Faust's own page, on the loopback address alone; port 0: none."""
    return {"web_enabled": port > 0, "web_bind": "127.0.0.1", "web_host": "127.0.0.1", "web_port": port or 6066}


def faust_app() -> App:
    """For `faust -A streams.app`: by the environment, errors as one line and an exit code."""
    with exit_on_error():
        return ready(load())


def ready(settings: Settings) -> App:
    """The app of a worker process: checked, so that it may start, and the process made fit for it.

    Raises
    ------
    CommandError
        A setting is missing or no good, the topics are not as they must be, Redis evicts, or the clocks differ.
    """
    logs.install(settings.log.ids)
    log_repeats.install()
    made = app(settings)
    topics.check(settings)
    preflight(settings)
    _make_fit(settings)
    return made


def collect_seldom() -> None:
    """Collect garbage seldom, and never what is there already: for a process that makes many objects and no cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


def _make_fit(settings: Settings) -> None:
    """Make the process fit for folding.

    Batches make many objects and no cycles: a collection each few hundred of them costs a tenth of the CPU. And the
    churn model's rival is made once in the background, which imports River: else the first table with labels would do
    it, and all shards of that turn would wait.
    """
    collect_seldom()
    shop: Any = settings.shop
    if shop.table_every and shop.churn_rival is not None:
        Thread(target=_tried, args=(shop.churn_rival,), name="rival").start()


def _tried(maker: Callable[[], Any]) -> None:
    """Make a rival, for what that imports. If it fails, as where the process ends meanwhile, nothing is lost: the model
    card tells why it could not learn."""
    with suppress(Exception):
        maker()
