"""What one look at Redis found: all that the views are told from, but single shoppers."""

from __future__ import annotations

from msgspec import Struct

from models.churn.card import Card
from models.churn.model import Model
from sinks.deliveries import Delivery, EndpointReport
from sinks.shard_state import ShardState
from sinks.summary import Summary
from sinks.workers import WorkerReport


class ShardView(Struct, frozen=True):
    """A shard: its state, number of its last batch, and timers set and due."""

    partition: int
    state: ShardState
    batches: int
    timers: int
    timers_due: int


class Endpoint(Struct, frozen=True):
    """An endpoint that messages are sent to: what was told of it last, and its newest deliveries, newest first."""

    report: EndpointReport
    newest: tuple[Delivery, ...] = ()


class Snapshot(Struct, frozen=True, kw_only=True):
    """The store at one moment.

    Attributes
    ----------
    at
        When it was looked at (wall time, ms).
    shards, summary
        Each shard, and all shards' counters.
    model, card
        The newest churn model in force, and its card, which is worked out once a model; None: none yet.
    workers
        What workers told of themselves last.
    endpoints
        Where messages are sent to, by name.
    problem
        "" while Redis answers; else what it said, and the rest is as of `at`, the last look that succeeded.
    """

    at: int
    shards: tuple[ShardView, ...]
    summary: Summary
    model: Model | None
    card: Card | None = None
    workers: tuple[WorkerReport, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    problem: str = ""
