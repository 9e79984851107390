"""The flows of a worker, as a picture of the only one there is and as one function. Start reading here.

      clickstream        cart          orders          input topics: N partitions each, key = shopper id
           │               │              │
           └───────┬───────┴──────────────┘            one Faust agent takes them, chunk by chunk
                   ▼                                   (transport/: over Kafka, or over memory)
        ┌─────── Shards ────────┐                      partition p of every topic belongs to shard p;
        ▼          ▼            ▼                      a worker owns the shards the group assigns to it
     shard 0    shard 1  ...  shard N-1                (shards.py; runner.py drives each, one coroutine;
        │                                              cycle.py steps together those with something to do)
        │  merge by event time ─▶ load profiles ─▶ fold events and due timers (claimed.py, models/)
        │
        ├─▶ APPLY: one fenced commit of profiles, timers, counters, offsets, outbox      ─▶ Redis
        │
        └─▶ outbox, every message acknowledged before the next APPLY                     ─▶ user-tags
                                                                                            churn-alerts
     only then the group's offsets move; and Redis' offsets, not the group's,               cart-abandonments
     say where a new owner reads on                                                         dead-letters
                                                                                            and the inputs: records of
                                                                                            other shards (forwarding.py)

After a crash between the two arrows the outbox is in Redis: the next owner publishes it again before anything else
(`Runner.acquire`), and consumers drop by `id` what they had.

A flow is such a set of inputs with the shards that fold them. An app may have several, each with an agent, shards and
partitions of its own. The same function builds it for production (Kafka), the embedded default and tests (memory).
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any, Protocol

from yarl import URL

from streams.faults import Faults
from streams.observer import Observer
from streams.outages import Outages
from streams.process import App, NoTables, Resource, Worker
from streams.pulse import Pulse
from streams.runner import Clock
from streams.shard import Flow
from streams.shards import Shards
from streams.transport.delivery import CODEC, Delivery
from streams.transport.positions import OnGap

SETTINGS: dict[str, Any] = {
    "topic_disable_leader": True,  # nothing to elect, and its topic would be one more to create
    "topic_allow_declare": False,  # topics are made by `kairos topics create`, with their settings
    "agent_supervisor": "mode.CrashingSupervisor",  # an agent that fails ends the process, instead of hanging in it
    "broker_session_timeout": 6.0,  # seconds until a dead worker's shards go to others
    "broker_heartbeat_interval": 2.0,
    "broker_request_timeout": 30.0,
    "broker_rebalance_timeout": 30.0,
    "consumer_metadata_max_age_ms": 30_000,  # partitions that were added are noticed within this time
    "stream_buffer_maxsize": 2,  # fetches, not records
    "stream_wait_empty": True,  # drain on revoke and on SIGTERM
    "web_enabled": False,
    "TableManager": NoTables,
    "Worker": Worker,
}


class Origin(Protocol):
    """Where inputs come from: `transport.kafka.Kafka` or `transport.memory.Memory`."""

    @property
    def urls(self) -> Sequence[URL]:
        """Brokers."""

    @property
    def credentials(self) -> Any:
        """Faust's credentials for them, or None."""

    def transport(self, app: Any) -> Any:
        """A Faust transport."""


def build(
    group: str,
    flows: Sequence[Flow],
    origin: Origin,
    *,
    clock: Clock = "wall",
    gather: float = 0.0,
    on_gap: OnGap = "stop",
    faults: Faults | None = None,
    observer: Observer | None = None,
    resources: Sequence[Resource] = (),
    shards: dict[str, Any] | None = None,
    settings: dict[str, Any] | None = None,
) -> App:
    """Build the worker.

    Parameters
    ----------
    group
        Consumer group; workers of one group share the shards.
    flows
        What is folded, and by which shards. Each needs a namespace of the store for itself.
    origin
        Where inputs come from.
    clock
        "wall" for live streams; "event" for replay, where the next record depends on the logs alone.
    gather
        Seconds from one fetch to the next, and from one turn of the shards to the next, at least; counts under
        ``clock=wall`` only.
    on_gap
        "stop" or "skip" where records were deleted before they were read.
    observer
        Told what happens, batch by batch.
    resources
        Started before the first claim, stopped after the last release.
    shards, settings
        More for `Shards` and for Faust, in tests.

    Raises
    ------
    ValueError
        There is no flow; two have one name, or read the same topic.
    """
    _check(flows)
    logging.getLogger("aiokafka").setLevel(logging.WARNING)  # Faust's worker may set the root logger to DEBUG
    app = App(group, broker=list(origin.urls), broker_credentials=origin.credentials, **(SETTINGS | (settings or {})))
    app.outages = Outages()
    gather = gather if clock == "wall" else 0.0
    options = {"clock": clock, "gather": gather, "faults": faults, "observer": observer, "outages": app.outages} | (
        shards or {}
    )

    async def missing() -> str:
        return str(await app.consumer.missing())  # Faust makes the consumer when it starts

    app.flows = [Shards(flow, **options) for flow in flows]
    app.resources = [Pulse(app.outages.kafka, missing), *resources]
    app.transport = origin.transport(app)
    app.transport.on_gap, app.transport.gather = on_gap, gather

    for owned in app.flows:
        _agent(app, owned)
    return app


def _agent(app: App, shards: Shards) -> None:
    """What takes the chunks of a flow from Faust."""

    @app.agent(app.topic(*shards.topics, key_serializer="raw", value_serializer=CODEC), name=shards.name)  # type: ignore[untyped-decorator]
    async def chunks(fetches: AsyncIterator[Sequence[Delivery]]) -> None:
        async for deliveries in fetches:
            for delivery in deliveries:
                shards.dispatch(delivery)
            shards.answered()


def _check(flows: Sequence[Flow]) -> None:
    """Raise ValueError if these flows cannot run in one app."""
    if not flows:
        raise ValueError("no flow: nothing would be read")
    names = Counter(flow.name for flow in flows)
    topics = Counter(source.topic for flow in flows for source in flow.inputs)
    for kind, found in (("flows of the name", names), ("flows that read the topic", topics)):
        if twice := sorted(name for name, count in found.items() if count > 1):
            raise ValueError(f"two {kind} {', '.join(twice)}: a record goes to one flow")
