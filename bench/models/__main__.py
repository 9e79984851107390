"""``python -m bench.models``: measure models on real shops, write ``bench/MODELS.md``. Takes some minutes a set."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Console

from bench import checkout
from bench.models import page, picture
from bench.models.data_sets import DATA_SETS
from bench.models.measuring import Measuring
from bench.models.results import Found, Results
from bench.results import Made, command

BENCH = Path(__file__).resolve().parents[1]
KEPT = BENCH / "models" / "results.json"
DATA = BENCH.parents[1] / "shared" / "data"


def parser() -> ArgumentParser:
    """The options."""
    p = ArgumentParser(
        prog="python -m bench.models", description="The churn model beside its baselines, on real shops."
    )
    p.add_argument("--data", type=Path, metavar="DIR", help="the folder with cdnow/ and online_retail/ [KAIROS_DATA]")
    p.add_argument("--only", choices=DATA_SETS, help="one data set; the other stays as it is")
    p.add_argument("--quick", action="store_true", help="the holdout alone, on the screen; leaves MODELS.md alone")
    p.add_argument("--redraw", action="store_true", help="write MODELS.md and the pictures anew from results.json")
    return p


def main(arguments: Sequence[str]) -> int:
    """The command line; 1 if a file is missing."""
    args, console = parser().parse_args(arguments), Console(stderr=True)
    try:
        found = Results() if args.redraw else measure(args, arguments, console)
    except FileNotFoundError as error:
        console.print(str(error), highlight=False, markup=False)
        return 1
    if args.quick:
        print(page.markdown(found))
        return 0
    kept = msgspec.json.decode(KEPT.read_bytes(), type=Results) if KEPT.exists() else Results()
    write(Results(kept.sets | found.sets))
    return 0


def measure(args: Namespace, arguments: Sequence[str], console: Console) -> Results:
    """The data sets that were asked for. FileNotFoundError, before anything runs, where one's file is missing."""
    data = args.data or Path(os.environ.get("KAIROS_DATA", DATA))
    sets = [DATA_SETS[args.only]] if args.only else list(DATA_SETS.values())
    measuring = [Measuring(data_set, data, console, quick=args.quick) for data_set in sets]
    made = Made(datetime.now(UTC).date().isoformat(), checkout.HERE.commit, command(arguments, "bench-models"))
    found: list[Found] = [each.run(made) for each in measuring]
    return Results({each.name: each for each in found})


def write(found: Results) -> None:
    """The page, its picture, and the numbers that both are made of."""
    KEPT.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    (BENCH / "models.svg").write_text(picture.svg(found))
    (BENCH / "MODELS.md").write_text(page.markdown(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
