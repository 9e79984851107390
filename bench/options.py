"""The command line: what to measure, and how much."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

import msgspec

from bench.peers import EXTRA, PEERS
from bench.sizes import QUICK, Sizes

PROFILE, LATENCY, MEMORY, RECOVERY, SCALE, IDLE = "profile", "latency", "memory", "recovery", "scale", "idle"
DEFAULT = (*PEERS, PROFILE, LATENCY, MEMORY, RECOVERY, SCALE, IDLE)


def parser() -> ArgumentParser:
    """The options."""
    p = ArgumentParser(prog="python -m bench", description="What Kairos costs, beside its peers. Rewrites RESULTS.md.")
    p.add_argument("--only", metavar="PARTS", help=f"some of {','.join((*DEFAULT, *EXTRA))}; leaves RESULTS.md alone")
    p.add_argument("--rounds", type=int, help=f"how often each worker runs, in turns [{Sizes().rounds}]")
    p.add_argument("--events", type=int, help=f"length of the stream [{Sizes().events}]")
    p.add_argument("--slow", type=int, help=f"its last events, for the stock agent [{Sizes().slow}]")
    p.add_argument("--quick", action="store_true", help="tiny sizes, to see that all runs; leaves RESULTS.md alone")
    p.add_argument("--timeout", type=float, default=300, help="seconds a run may take [300]")
    p.add_argument("--ga360", type=Path, metavar="FILE", help="Parquet export for the memory figures")
    p.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there, too")
    p.add_argument("--redraw", action="store_true", help="write RESULTS.md and results.svg anew from results.json")
    return p


def chosen(args: Namespace) -> tuple[str, ...]:
    """The parts to measure; ValueError for one that does not exist."""
    parts = tuple(args.only.split(",")) if args.only else DEFAULT
    if unknown := set(parts) - {*DEFAULT, *EXTRA}:
        raise ValueError(f"no such part: {', '.join(sorted(unknown))}")
    return parts


def sizes(args: Namespace) -> Sizes:
    """How much of each.

    >>> sizes(parser().parse_args(["--quick", "--rounds", "9"])).rounds
    9
    """
    given = {name: value for name in ("rounds", "events", "slow") if (value := getattr(args, name)) is not None}
    return msgspec.structs.replace(QUICK if args.quick else Sizes(), **given)
