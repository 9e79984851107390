"""Requests answered one by one, as a store does that has no trips to save."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sinks.store import Apply, Due, Load, Request, Store, StoreError


def answer_each(store: Store, requests: Sequence[tuple[int, Request]]) -> list[Any]:
    """Answer requests of several shards (partition, request), as `Store.together` says."""
    answers: list[Any] = []
    for partition, request in requests:
        try:
            answers.append(_answer(store, partition, request))
        except StoreError as error:
            answers.append(error)
    return answers


def _answer(store: Store, partition: int, request: Request) -> Any:
    match request:
        case Apply(token, seq, commit):
            return store.apply(partition, token, seq, commit)
        case Load(users):
            return store.load(partition, users)
        case Due(start, before, limit):
            return store.due(partition, start, before, limit)
