"""What one would write first: a Faust agent, event by event, one awaited GET and one awaited SET each."""

from __future__ import annotations

from typing import Any

import faust
from redis.asyncio import Redis

from bench.workers.common import Config, Fold, Meter, config, key


def build(settings: Config) -> Any:
    """The app."""
    app = faust.App(
        settings.group,
        broker=[f"kafka://{broker}" for broker in settings.brokers],
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        broker_commit_interval=1.0,
        key_serializer="raw",
        value_serializer="raw",
    )
    source = app.topic(*settings.topics, key_type=bytes, value_type=bytes)
    sinks = {name: app.topic(name, key_type=bytes, value_type=bytes) for name in settings.outputs.values()}
    redis, meter = Redis.from_url(settings.redis), Meter(settings)
    fold = Fold(settings.outputs, settings.currency, settings.names)

    @app.agent(source)  # type: ignore[untyped-decorator]
    async def profiles(stream: Any) -> None:
        async for event in stream.events():
            reading = fold.read(event.value, int(event.message.timestamp * 1000))
            stored: Any = await redis.get(key(reading.shopper))
            if (packed := fold.packed(stored, reading)) is not None:
                await redis.set(key(reading.shopper), packed)
            for message in fold.outputs():
                await sinks[message.topic].send(key=message.key, value=message.value)
            meter.count()

    return app


if __name__ == "__main__":
    faust.Worker(build(config()), loglevel="info", redirect_stdouts=False).execute_from_commandline()
