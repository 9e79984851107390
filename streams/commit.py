"""What one batch commits: everything it changed, as absolute values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sinks.outputs import Message
from sinks.shard_state import ShardState
from sinks.store import Commit
from streams import outbox
from streams.batch import Batch
from streams.stats import Stats

FEED = 100
"""Newest outputs of a batch that go to the feed."""


class Prepared(NamedTuple):
    """A folded batch on its way into the store: the same however often it is sent."""

    commit: Commit
    messages: Sequence[Message]
    crossed: bool
    seconds: Mapping[str, float]
    counts: Mapping[str, int]


def build(
    batch: Batch,
    offsets: Mapping[str, int],
    state: ShardState,
    stats: Stats,
    messages: Sequence[Message],
    sketches: Mapping[str, bytes],
    frozen: Mapping[tuple[str, int], bytes | None],
) -> Commit:
    """Gather a folded batch. Takes what changed out of `stats` and the vocabulary: a commit is built once."""
    fold, ctx, profiles = batch.fold, batch.ctx, batch.profiles
    outputs = [message for message in messages if message.partition is None]
    return Commit(
        offsets=offsets,
        shard=state.encode(),
        profiles={user: None if (p := profiles[user]) is None else fold.encode(p) for user in batch.touched},
        public={user: fold.public(profiles[user]) for user in ctx.effects.changed},
        timers=batch.moved(),
        stats=stats.taken(),
        vocab=ctx.vocabulary.taken(),
        feed=[b'{"topic":"%b","message":%b}' % (m.topic.encode(), m.value) for m in outputs[-FEED:]],
        outbox=outbox.pack(messages),
        sketches=sketches,
        frozen=frozen,
    )
