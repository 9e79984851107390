"""``python -m bench.instructions``: instructions an event, counted by valgrind's callgrind, through the shard on the
memory store. They do not depend on what else the machine does, so two commits can be compared on a busy one.

Each figure is the difference between two runs, of 4,000 and of 24,000 events, so that starting Python does not count.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from itertools import chain, islice

import msgspec

from bench.stream import Stream
from kairos.config.settings import load
from kairos.replay import ticks
from kairos.replay.ga360 import Ga360
from kairos.replay.local import Local
from kairos.replay.row import Row
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore

FEW, MANY, STREAM = 4_000, 24_000, 60_000


def rows(source: str) -> list[Row]:
    """The first events of a ga360 file, or of the bench's stream."""
    if source == "stream":
        return list(islice(chain.from_iterable(Stream(STREAM)), MANY))
    return list(islice(chain.from_iterable(Ga360([source])), MANY))


def fold(source: str, count: int, every: str) -> None:
    """Fold so many events."""
    engine = Local(load({"KAIROS_TABLE_EVERY": every}), 1, MemoryStore(), MemoryOutputs())
    engine.run(ticks.spans([rows(source)[:count]]))


def counted(source: str, count: int, every: str) -> int:
    """Instructions of a process that folds so many. Raises ValueError where valgrind fails."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable, "-m", __spec__.name]
    command += [source, "--fold", str(count), "--tables", every]
    run = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONHASHSEED": "0"}, check=False)
    found = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode or found is None:
        raise ValueError(f"valgrind: {run.stderr[-400:]}")
    return int(found.group(1))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help="a ga360 file (events.parquet), or `stream`: the seeded stream of `make bench`")
    parser.add_argument("--tables", default="0", help="KAIROS_TABLE_EVERY (default: 0, the fixed cuts)")
    parser.add_argument("--record", action="store_true", help="put it into results.json and RESULTS.md")
    parser.add_argument("--fold", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fold:
        fold(options.source, options.fold, options.tables)
        return
    if not shutil.which("valgrind"):
        sys.exit("bench: valgrind is not installed (Debian: apt install valgrind)")
    few, many = (counted(options.source, count, options.tables) for count in (FEW, MANY))
    each = (many - few) // (MANY - FEW)
    print(f"{each:,} instructions an event ({options.source}, tables {options.tables})")
    if options.record:
        record(options.source, options.tables, each)


def record(source: str, every: str, instructions: int) -> None:
    """Put a figure into the results, in place of one of the same input and commit."""
    from bench.cli import HERE, NUMBERS, publish  # here: what a run imports is walked by each garbage collection
    from bench.figures import Counted
    from bench.results import Results, commit

    events = "the stream of `make bench`" if source == "stream" else "ga360"
    now = Counted(events, every, commit(HERE), f"{datetime.now(UTC):%Y-%m-%d}", instructions)
    found = msgspec.json.decode(NUMBERS.read_bytes(), type=Results)
    same = now.events, now.every, now.commit
    others = [c for c in found.counted if (c.events, c.every, c.commit) != same]
    found.counted = sorted([*others, now], key=lambda c: (c.events, c.every))  # of one input as they came
    publish(found)


if __name__ == "__main__":
    main()
