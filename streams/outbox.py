"""A batch's outputs and forwarded records on their way: encoded once, committed with the batch, published after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from models.kernel.effects import Emitted
from sinks.outputs import Message

_encode = msgspec.json.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[Message]).decode


def messages(outputs: Sequence[Emitted], topics: Mapping[str, str]) -> list[Message]:
    """Outputs as they go over the wire. `topics` names the topic of each role (default: the role)."""
    return [Message(topics.get(role, role), key, _encode(output)) for role, key, output in outputs]


def pack(batch: Sequence[Message]) -> bytes:
    """Messages as one value (no bytes if there are none).

    >>> unpack(pack([Message("user-tags", b"u1", b"{}")]))
    [Message(topic='user-tags', key=b'u1', value=b'{}', partition=None, headers=())]
    """
    return msgspec.msgpack.encode([m[:3] if m.partition is None else m for m in batch]) if batch else b""


def unpack(packed: bytes) -> list[Message]:
    """The messages of a packed outbox."""
    return _unpack(packed) if packed else []
