"""What shows the demo: lines, or a live view of the whole terminal."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Protocol, Self

from kairos.demo.state import DemoState


class Front(Protocol):
    """Called in this order: `served`, `folding` again and again, `opened`, then `said`, `delivered` and `seen` as they
    come, and `closed`.

    Entered around all of it; leaving puts the terminal back, whatever happened.
    """

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def served(self, page: str) -> None:
        """The live page is at this address."""
        ...

    def folding(self, passed: int, events: int) -> None:
        """So many ms of history are appended, with so many events."""
        ...

    def opened(self, state: DemoState, seconds: float) -> None:
        """History is folded, which took so long; time runs on from here."""
        ...

    def said(self, message: bytes) -> None:
        """An output was published."""
        ...

    def delivered(self, message: dict[str, Any], verified: bool) -> None:
        """The receiver inside the demo took a message; whether its signature is right."""
        ...

    def seen(self, state: DemoState) -> None:
        """The state, a few times a second."""
        ...

    def closed(self, state: DemoState) -> None:
        """The last state; everything is folded."""
        ...
