"""The part of the results about the churn model."""

from __future__ import annotations

from statistics import median

from bench.churn.footprints import Everything, Footprint
from bench.churn.operations import BATCHES, COMPUTED, COVARIATES, DECODED, HORIZON, IDLE, OFF, ON, PLAIN, batch
from bench.churn.recording import CLICK, LABEL, ORDER
from bench.churn.results import Churn
from bench.page.footprint import GOAL
from bench.page.goal import said
from bench.page.tables import spread, table

FULL = 1_200.0
"""Bytes of Redis that a buyer with everything may take."""
UNCHANGED = 1.02
"""Times what a click takes without the model that it may take with it."""

METHOD = f"""\
Calls of the fold are recorded from a run of the simulator's busy shop, of its last third, each with the packed profile
that it began with, and folded again (`make bench ARGS="--only churn"`). *With the model* each has the tables of its
day; *without* the cuts alone, and buyers are judged by the overdue rule, as with `KAIROS_TABLE_EVERY=0`. Orders and
clicks are those of known buyers. A *label* is a timer at which one matures and the next snapshot is taken, with all
that follows from it. A *score* is a path of {HORIZON} days. µs are processor time: the median of the rounds, with the
least and the most; in each round every operation has its turn. Instructions are counted by valgrind's callgrind."""
TABLES = """\
A day's table is computed by one worker for all, of {labels} labels of that day here, and unpacked by each worker once.
River is imported once in a worker's life, in the background as it starts: {imports} s of processor time."""
BYTES = """\
All keys of a shopper (packed profile, public hash, share of the timers) by MEMORY USAGE, with the churn model, at the
end of a shop's history. The buyer with everything has {orders} orders, a refund, two open carts and {tags} tags in the
simulator's shop (`bench/churn/full_buyer.py`)."""


def section(found: Churn | None) -> list[str]:
    """Paragraphs of Markdown; none where nothing was measured."""
    if found is None:
        return []
    imports = spread(found.imports)
    return [
        "## The churn model",
        METHOD,
        _times(found),
        *_goals(found),
        TABLES.format(labels=f"{found.labels:,}", imports=imports),
        "### Bytes of Redis with the churn model",
        BYTES.format(orders=found.everything.orders, tags=found.everything.tags),
        _shops(found.shops),
        *_everything(found),
    ]


def _times(found: Churn) -> str:
    rows = []
    for kind in (ORDER, CLICK):
        rows += [_row(found, f"{kind}, {ON}", f"{kind}, {OFF}"), _row(found, f"{kind}, {OFF}")]
    alone = (LABEL, COVARIATES, PLAIN, *map(batch, BATCHES), COMPUTED, IDLE, DECODED)
    rows += [_row(found, name) for name in alone]
    return table(("of one", "µs", "instructions", "µs, of that without"), rows)


def _row(found: Churn, name: str, beside: str = "") -> list[str]:
    counted = found.instructions.get(name)
    ratio = f"{_ratio(found, name, beside):.2f} ×" if beside else ""
    return [name, spread(found.micros[name]), "" if counted is None else f"{counted:,}", ratio]


def _ratio(found: Churn, name: str, beside: str) -> float:
    """The median of the rounds' ratios."""
    return median(a / b for a, b in zip(found.micros[name], found.micros[beside], strict=True))


def _goals(found: Churn) -> list[str]:
    """Of a click, by instructions where they were counted."""
    mine, without = f"{CLICK}, {ON}", f"{CLICK}, {OFF}"
    counted = found.instructions
    ratio = counted[mine] / counted[without] if counted else _ratio(found, mine, without)
    return [said("a click takes what it takes without the model, within 2%", ratio <= UNCHANGED, f"{ratio:.3f} times")]


def _shops(found: list[Footprint]) -> str:
    head = ("shop", "shoppers", "mean bytes", "buyers", "mean bytes of buyers", "99th percentile", "most")
    return table(
        head,
        [
            [f.shop, *(f"{size:,.0f}" for size in (f.shoppers, f.mean, f.buyers, f.mean_buyer, f.p99, f.most))]
            for f in found
        ],
    )


def _everything(found: Churn) -> list[str]:
    """The goals, and the parts of the one buyer's profile."""
    full: Everything = found.everything
    most = max(shop.mean for shop in found.shops)
    keys = [["profile", f"{full.profile:,}"], ["public hash", f"{full.public:,}"], ["timer", f"{full.timer:,.0f}"]]
    parts = [[f"in the profile: {name}", f"{size:,}"] for name, size in full.parts.items()]
    return [
        said(f"at most {GOAL:.0f} bytes for the mean shopper of each shop", most <= GOAL, f"{most:,.0f}"),
        said(f"at most {FULL:,.0f} bytes for the buyer with everything", full.bytes <= FULL, f"{full.bytes:,.0f}"),
        table(("the buyer with everything", "bytes"), [*keys, *parts]),
    ]
