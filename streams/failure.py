"""What the log must know of an error before it may show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager


@contextmanager
def about(shoppers: Iterable[str]) -> Iterator[None]:
    """Whatever is raised here says in `shoppers` whose ids it may quote: a log may hide them."""
    try:
        yield
    except Exception as error:
        error.shoppers = tuple(shoppers)  # type: ignore[attr-defined]
        raise
