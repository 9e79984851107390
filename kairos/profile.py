"""`kairos profile`: one shopper, as stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from rich.console import Console

from kairos.escape import safe
from kairos.lines import say
from models import codec
from models.partition import partitioner
from models.plain import plain
from models.settings import Settings as Shop
from sinks.store import ReadModel


def find(reader: ReadModel, user: str, shop: Shop) -> dict[str, Any] | None:
    """A shopper's profile, decoded; None if there is none.

    Parameters
    ----------
    reader
        Of the store.
    user
        The shopper's id, which is the Kafka key.
    shop
        Its partitioner says which shard the shopper belongs to.
    """
    shards = reader.partitions()
    if not shards:
        return None
    shard = partitioner(shop.partitioner)(user.encode(errors="surrogateescape"), shards)
    packed = reader.profile(shard, user)
    if packed is None:
        return None
    return {"user": user, "shard": shard} | plain(codec.decode(packed), reader.vocab(shard), shop)


def show(console: Console, profile: Mapping[str, Any], *, as_json: bool = False) -> None:
    """Print a profile, for people or as one JSON object; nothing in it is taken as markup."""
    if as_json:
        print(msgspec.json.encode(profile).decode())
        return
    for line in _lines(profile, 0):
        say(console, line)


def _lines(value: Mapping[str, Any], depth: int) -> Sequence[str]:
    lines: list[str] = []
    for name, inner in value.items():
        head = f"{'  ' * depth}{safe(str(name))}"
        if isinstance(inner, Mapping) and inner:
            lines += [head, *_lines(inner, depth + 1)]
        elif isinstance(inner, Sequence) and not isinstance(inner, str) and any(isinstance(x, Mapping) for x in inner):
            for index, item in enumerate(inner):
                lines += [f"{head} {index + 1}", *_lines(item if isinstance(item, Mapping) else {"": item}, depth + 1)]
        else:
            lines.append(f"{head:<24} {_shown(inner)}")
    return lines


def _shown(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(safe(str(item)) for item in value) or "-"
    return "-" if value in (None, "", {}) else safe(str(value))
