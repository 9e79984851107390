"""`kairos act`: from the settings to a process that sends."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from kairos import wiring
from kairos.act import check
from kairos.config.settings import Settings, required
from kairos.errors import SettingsError, UsageError
from kairos.kafka.consume import consumer, partitions
from kairos.terminal import logs
from kairos.terminal.lines import say
from kairos.terminal.log_format import configure
from models.kernel.outputs import DEAD_LETTERS
from sinks.keys import endpoints_key
from sinks.reports import RedisReports
from sinks.webhooks import endpoints as file
from sinks.webhooks.delivery_store import Switch
from sinks.webhooks.endpoints import Endpoint
from sinks.webhooks.redis_deliveries import RedisDeliveryStore

logger = logging.getLogger("kairos.act")


def endpoints(settings: Settings) -> tuple[Endpoint, ...]:
    """The endpoints of the settings' file. SettingsError if there is none, or it is no good."""
    required(settings.endpoints, "KAIROS_ENDPOINTS", "it names the file that says who gets messages: docs/webhooks.md")
    path = Path(settings.endpoints)
    try:
        return file.load(path.read_text("utf-8"), folder=path.parent)
    except OSError as error:
        raise SettingsError(f"KAIROS_ENDPOINTS={path}: {error.strerror or error}") from None
    except ValueError as error:
        raise SettingsError(f"{path}: {error}") from None


def run(settings: Settings, console: Console, *, checking: bool = False) -> None:
    """Send until SIGTERM or Ctrl-C; `checking`: only say what would go where.

    Raises
    ------
    CommandError
        A setting or the file is no good, a topic is missing, or Kafka does not answer.
    StoreError
        Redis does not answer, or refuses.
    """
    known = endpoints(settings)
    if checking:
        check.show(console, known)
        return
    required(settings.brokers, "KAFKA_URL", "messages come from Kafka. Set it to host:port of a broker")
    _required_redis(settings)
    logs.install(settings.log.ids)
    _topics(settings, known)
    configure(settings.log)
    for endpoint in known:
        logger.info("sends %s to %s, as %s", ", ".join(endpoint.topics), endpoint.name, endpoint.template)
    logger.info("group %s, namespace %s", settings.act_group, settings.namespace)
    asyncio.run(_serve(settings, known))


def switch(settings: Settings, console: Console, name: str, *, on: bool, at: int) -> None:
    """Switch an endpoint on or off, as of `at` (wall ms). SettingsError if the file has none of that name."""
    if name not in {endpoint.name for endpoint in endpoints(settings)}:
        raise UsageError(f"no endpoint {name}: `kairos act --check` shows those there are")
    _required_redis(settings)
    store(settings).switch(name, None if on else Switch(at, "by hand", ""))
    say(console, f"{name} is {'on' if on else 'off'}; who sends to it knows within two seconds")


def store(settings: Settings) -> RedisDeliveryStore:
    """What senders keep in the Redis of REDIS_URL."""
    assert settings.redis_url is not None
    return RedisDeliveryStore(wiring.client(settings.redis_url, settings.redis_tls), settings.namespace)


def _required_redis(settings: Settings) -> None:
    required(
        settings.redis_url, "REDIS_URL", "how far each endpoint has come is kept there. Set it to redis://host:6379/0"
    )


def _topics(settings: Settings, known: Sequence[Endpoint]) -> None:
    """TopicError unless every topic that is needed is there."""
    client = consumer(settings)
    try:
        for role in sorted({topic for endpoint in known for topic in endpoint.topics} | {DEAD_LETTERS}):
            partitions(client, settings.outputs[role])
    finally:
        client.close()


async def _serve(settings: Settings, known: Sequence[Endpoint]) -> None:
    from kairos.act.service import Service

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    assert settings.redis_url is not None
    reports = RedisReports(
        wiring.client(settings.redis_url, settings.redis_tls, timeout=1.0, attempts=0),
        endpoints_key(settings.namespace),
    )
    async with Service(settings, known, store(settings), reports) as service:
        wiring.collect_seldom()
        await service.run(stop)
    logger.info("stopped: what was sent is written down")
