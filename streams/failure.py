"""Errors as the log shows them: which need no traceback, and whose ids they may quote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sinks.outputs import OutputsError
from sinks.store import StoreError
from streams.transport.positions import LogError

REFUSALS = (LogError, OutputsError, StoreError)
"""A worker that stops by one of these is understood: the message says what is wrong and what to do, in one sentence."""


@contextmanager
def about(shoppers: Iterable[str]) -> Iterator[None]:
    """Whatever is raised here says in `shoppers` whose ids it may quote: a log may hide them."""
    try:
        yield
    except Exception as error:
        error.shoppers = tuple(shoppers)  # type: ignore[attr-defined]
        raise
