"""How much work a call is: lines of Python carried out, the same on every run; and CPU time, for what runs in C."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any


def lines(call: Callable[[], object]) -> int:
    """Lines of Python the call carries out, each as often as it comes."""
    count = 0

    def local(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal count
        count += event == "line"
        return local

    def entered(frame: FrameType, event: str, arg: Any) -> Any:
        return local

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


def seconds(call: Callable[[], object], enough: float = 0.0, tries: int = 7) -> float:
    """CPU time of this thread, of the fastest of some tries; one that takes no more than `enough` is the last."""
    best = float("inf")
    for _ in range(tries):
        started = time.thread_time()
        call()
        best = min(best, time.thread_time() - started)
        if best <= enough:
            break
    return best
