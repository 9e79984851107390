"""Measure, and write what was found."""

from __future__ import annotations

import logging
import signal
import sys
import tempfile
from argparse import Namespace
from pathlib import Path
from types import FrameType

import msgspec
from rich.console import Console

from bench import chart, session
from bench.options import parser
from bench.page.page import markdown
from bench.results import Results, merged
from kairos.errors import CommandError
from ops.kafka.local import KafkaError
from sinks.embedded import ServerError

HERE = Path(__file__).resolve().parent
PAGE, CHART, NUMBERS = HERE / "RESULTS.md", HERE / "results.svg", HERE / "results.json"


def main() -> None:
    """Exit code 1 if something failed, 130 after Ctrl-C or SIGTERM."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    logging.getLogger("aiokafka").setLevel(logging.ERROR)  # a new topic without its leader yet is tried again
    args, console = parser().parse_args(), Console(stderr=True)
    if args.redraw:
        publish(msgspec.json.decode(NUMBERS.read_bytes(), type=Results))
        return
    try:
        with tempfile.TemporaryDirectory(prefix="kairos-bench-") as data:
            found = session.measure(args, Path(data), console, lambda found: keep(args, found))
    except (KafkaError, ServerError, CommandError, ValueError) as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        console.print("bench: interrupted; what was finished is kept")
        sys.exit(130)
    print(markdown(found), end="")
    sys.exit(1 if found.left_out else 0)


def publish(found: Results) -> None:
    """Write numbers, page and chart."""
    NUMBERS.write_bytes(_json(found))
    PAGE.write_text(markdown(found))
    CHART.write_text(chart.svg(found))


def keep(args: Namespace, found: Results) -> None:
    """After each part: put it into the results, unless it was small or lacks peers."""
    if args.json:
        args.json.write_bytes(_json(found))
    if not (args.quick or args.peers):
        publish(merged(msgspec.json.decode(NUMBERS.read_bytes(), type=Results), found))


def _json(found: Results) -> bytes:
    return msgspec.json.format(msgspec.json.encode(found)) + b"\n"


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
