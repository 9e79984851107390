"""Log records that carry nothing hostile, whoever formats them: our own set-up, Faust's, or Python's last resort.

A message may quote an id, an error may quote a record. Each record is one line; only a traceback has more, and each of
its lines is one that Python wrote. Shoppers' ids are hashed (`redact`), unless the settings say otherwise.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Iterator
from typing import Any, Literal

from kairos.terminal.escape import safe
from kairos.terminal.redact import named, redacted

logger = logging.getLogger("kairos.logs")

CAUSE = "\nThe above exception was the direct cause of the following exception:\n"
CONTEXT = "\nDuring handling of the above exception, another exception occurred:\n"


class HarmlessRecord(logging.LogRecord):
    """A log record, escaped, and without ids unless `plain`."""

    plain = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        error = self.exc_info[1] if self.exc_info else None
        quoted = self.args if isinstance(self.args, tuple) else ()
        errors = [error, *(arg for arg in quoted if isinstance(arg, BaseException))]
        self._shoppers = () if self.plain else tuple(shopper for one in errors for shopper in named(one))
        if error:
            self.exc_text = redacted(traced(error), self._shoppers)  # formatters make one only where there is none

    def getMessage(self) -> str:
        """The message in one line."""
        return safe(redacted(super().getMessage(), self._shoppers))


class PlainRecord(HarmlessRecord):
    """A log record in which shoppers' ids stand as they are."""

    plain = True


def install(ids: Literal["hashed", "plain"] = "hashed") -> None:
    """Make every record of this process a `HarmlessRecord`, and log what ends a thread instead of printing it."""
    logging.setLogRecordFactory(PlainRecord if ids == "plain" else HarmlessRecord)
    threading.excepthook = _thread_failed


def _thread_failed(failure: threading.ExceptHookArgs) -> None:
    if failure.exc_type is not SystemExit:
        name = failure.thread.name if failure.thread else "?"
        logger.critical("thread %s failed", name, exc_info=failure.exc_value)


def traced(error: BaseException) -> str:
    """The traceback as Python shows it, but for what the errors say: that is in one line each, and escaped."""
    return "\n".join(_traced(error, set()))


def _traced(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in seen:
        yield from _traced(before, seen)
        yield CAUSE if error.__cause__ else CONTEXT
    if error.__traceback__ is not None:
        yield "Traceback (most recent call last):"
        for frame in traceback.format_tb(error.__traceback__):
            yield from map(safe, frame.rstrip("\n").split("\n"))
    yield safe("".join(traceback.format_exception_only(error)).rstrip("\n"))
    for part in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield from _traced(part, seen)
