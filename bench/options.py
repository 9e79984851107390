"""The command line: what to measure, and how much."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

import msgspec

from bench.peers import EXTRA, JAVA, PEERS
from bench.sizes import QUICK, Sizes
from bench.sources import GA360, STREAM

INSTRUCTIONS, PROFILE, LIVE, LOAD = "instructions", "profile", "live", "load"
MEMORY, RECOVERY, SCALE, IDLE, DUE = "memory", "recovery", "scale", "idle", "due"
CHURN, PAGE, ACT = "churn", "dashboard", "act"
PARTS = (MEMORY, GA360, STREAM, INSTRUCTIONS, PROFILE, CHURN, LIVE, LOAD, RECOVERY, SCALE, IDLE, DUE, ACT, PAGE)
TELLING = (GA360, STREAM, LIVE)
"""Of the parts those that `--quick` measures."""
NEEDS_FILE = (GA360, MEMORY)
"""Parts that read the real shop's export."""


def parser() -> ArgumentParser:
    """The options."""
    p = ArgumentParser(
        prog="python -m bench", description="What Kairos costs, beside its peers. Puts it into RESULTS.md."
    )
    p.add_argument("--only", metavar="PARTS", help=f"some of {','.join(PARTS)}; the others stay as they are")
    p.add_argument("--peers", metavar="NAMES", help=f"some of {','.join(PEERS | EXTRA)}; leaves RESULTS.md alone")
    p.add_argument("--rounds", type=int, help=f"how often each worker runs, in turns [{Sizes().rounds}]")
    p.add_argument("--events", type=int, help="first events of each history [all]")
    p.add_argument("--slow", type=int, help=f"its last events, for the stock agent [{Sizes().slow}]")
    p.add_argument("--backlog", type=int, metavar="N", help=f"events of the backlog under load [{Sizes().backlog}]")
    p.add_argument("--quick", action="store_true", help="three minutes for developers; leaves RESULTS.md alone")
    p.add_argument("--timeout", type=float, default=600, help="seconds a run of a history may take [600]")
    p.add_argument("--ga360", type=Path, metavar="FILE", help=f"the real shop's export, for {', '.join(NEEDS_FILE)}")
    p.add_argument("--cdnow", type=Path, metavar="FILE", help="CDNOW's master, for the bytes of churn")
    p.add_argument(
        "--against", type=Path, metavar="CHECKOUT", help="another checkout, beside this one where it is live"
    )
    p.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there, too")
    p.add_argument("--redraw", action="store_true", help="write RESULTS.md and results.svg anew from results.json")
    return p


def chosen(args: Namespace) -> tuple[str, ...]:
    """The parts to measure, in their order; ValueError for one that does not exist, or lacks its file."""
    asked = args.only.split(",") if args.only else TELLING if args.quick else PARTS
    if unknown := set(asked) - set(PARTS):
        raise ValueError(f"no such part: {', '.join(sorted(unknown))}")
    if not args.ga360 and args.only and (lacking := set(asked) & set(NEEDS_FILE)):
        raise ValueError(f"name the export with --ga360 FILE: {', '.join(sorted(lacking))}")
    return tuple(part for part in PARTS if part in asked and (args.ga360 or part not in NEEDS_FILE))


def peers(args: Namespace) -> tuple[str, ...]:
    """The peers to measure; ValueError for one that does not exist."""
    quick = tuple(name for name in PEERS if name != JAVA)
    names = tuple(args.peers.split(",")) if args.peers else quick if args.quick else tuple(PEERS)
    if unknown := set(names) - {*PEERS, *EXTRA}:
        raise ValueError(f"no such peer: {', '.join(sorted(unknown))}")
    return names


def sizes(args: Namespace) -> Sizes:
    """How much of each.

    >>> sizes(parser().parse_args(["--quick", "--rounds", "9"])).rounds
    9
    """
    names = ("rounds", "events", "slow", "backlog")
    given = {name: value for name in names if (value := getattr(args, name)) is not None}
    if args.events is not None:
        given["history"] = args.events
    return msgspec.structs.replace(QUICK if args.quick else Sizes(), **given)
