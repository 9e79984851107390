"""``python -m bench.instructions``: instructions an event, counted by valgrind's callgrind, without Kafka and Redis.

``--check`` compares a fixed set with what was recorded, ``--record`` records it anew. A history by name counts its
first 24,000 events; the table of ``make bench`` has the same figures (``--only instructions``).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench import regression
from bench.counted import FEW, MANY
from bench.counting import WORKERS, Case, counted, missing
from bench.sources import GA360, STREAM


def main() -> None:
    """The command line: exit code 1 if something takes more or less than it did, 2 if that cannot be told here."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", nargs="?", help="a ga360 file (events.parquet), or `stream`")
    parser.add_argument("--check", action="store_true", help="compare a fixed set with what is recorded")
    parser.add_argument("--record", action="store_true", help="record the fixed set anew, in bench/instructions.json")
    options = parser.parse_args()
    if reason := missing():
        sys.exit(f"bench: {reason}")
    if options.source:
        _count(options.source)
    elif options.record:
        regression.record(regression.measured())
        print(f"recorded in bench/{regression.FILE.name}")
    elif options.check:
        _check()
    else:
        parser.error("name a source, --check or --record")


def _count(source: str) -> None:
    file = None if source == STREAM else Path(source)
    cases = [Case(GA360 if file else STREAM, worker, FEW, MANY) for worker in WORKERS]
    for case, count in counted(cases, file).items():
        print(f"{case.source}, {case.worker}: {count:,} instructions an event")


def _check() -> None:
    if reason := regression.elsewhere():
        print(f"bench: no comparison here: {reason}", file=sys.stderr)
        sys.exit(2)
    counts, before = regression.measured(), regression.recorded().counts
    for case, count in counts.items():
        print(f"{case}: {count:,} instructions an event, {before[case]:,} recorded")
    if lines := regression.moved(before, counts):
        told = "\n".join(lines)
        sys.exit(f"bench: moved by more than {regression.TOLERANCE} %:\n{told}\nIf that is meant: {regression.ANEW}")


if __name__ == "__main__":
    main()
