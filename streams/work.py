"""Work of several shards at once: each is a generator that yields what it asks of the store, and all that is asked at
the same time travels together.

    shard 3: plan ─ Load ┐         ┌─ fold ─ Apply ┐         ┌─ done
    shard 5: plan ───────┼─ trip ─▶┤ ───── (folded)┼─ trip ─▶┤─ done
    shard 7: plan ─ Due ─┘         └─ Load ─ trip ─ ...

A shard whose request fails, or that raises something itself, is no business of the others.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from sinks.store import Apply, Request, Store, StoreError

Work = Generator[Request, Any, bool]
"""A batch being made: yields requests, is sent their answers or thrown a StoreError; returns whether there was one."""


def together(store: Store, works: Sequence[tuple[int, Work]]) -> list[bool | Exception]:
    """Drive the work of shards (partition, work) to its end.

    Commits wait until nobody reads any more, so that there is one trip for all of them.

    Returns
    -------
    What each returned or raised, in the order given.
    """
    outcomes: list[bool | Exception] = [False] * len(works)
    asked: list[tuple[int, Request]] = []
    for i, (_, work) in enumerate(works):
        _go_on(i, work, None, asked, outcomes)
    while asked:
        reads = [one for one in asked if type(one[1]) is not Apply]
        now, asked = (reads, [one for one in asked if type(one[1]) is Apply]) if reads else (asked, [])
        answers = store.together([(works[i][0], request) for i, request in now])
        for (i, _), answer in zip(now, answers, strict=True):
            _go_on(i, works[i][1], answer, asked, outcomes)
    return outcomes


def alone(store: Store, partition: int, work: Work) -> bool:
    """Drive the work of one shard to its end. Returns and raises what it does."""
    (outcome,) = together(store, [(partition, work)])
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _go_on(i: int, work: Work, answer: Any, asked: list[tuple[int, Request]], outcomes: list[bool | Exception]) -> None:
    """Give one shard its answer; note what it asks next, or how it ended."""
    try:
        asked.append((i, work.throw(answer) if isinstance(answer, StoreError) else work.send(answer)))
    except StopIteration as end:
        outcomes[i] = end.value
    except Exception as error:  # of this shard alone
        outcomes[i] = error
