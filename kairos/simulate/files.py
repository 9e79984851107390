"""Rows as JSON lines: a file, a compressed one by its name, or standard output."""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from kairos.errors import ReplayError
from kairos.replay.row import Span


class FileTarget:
    """Writes the rows of spans to `path` (``-``: standard output), one value a line. Ticks are left to `replay`.

    Raises
    ------
    ReplayError
        The file cannot be written.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.events = 0

    def run(self, spans: Iterable[Span], progress: Callable[[Span], None]) -> None:
        """Write everything. A reader of standard output that has seen enough ends it quietly."""
        try:
            with _opened(self.path) as stream:
                for span in spans:
                    stream.write(b"".join(row[3] + b"\n" for row in span.rows))
                    if not isinstance(stream, gzip.GzipFile):  # flushed in between, it would be packed another way
                        stream.flush()
                    self.events += len(span.rows)
                    progress(span)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains when it ends
        except OSError as error:
            raise ReplayError(f"{self.path}: cannot be written: {error.strerror or error}") from None


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO | gzip.GzipFile]:
    """Where lines of this name go. A compressed file says neither its name nor its time, so that the same shop is the
    same file."""
    if path == "-":
        yield sys.stdout.buffer
        return
    with open(path, "wb") as raw:
        if path.endswith(".gz"):
            with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=raw, mtime=0) as packed:
                yield packed
        else:
            yield raw
