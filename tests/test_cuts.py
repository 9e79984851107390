"""Tables of cuts against a batch query over the same orders, written in polars, at every boundary."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random

import msgspec
import polars as pl
import pytest

from kairos.commands import tables
from kairos.config.settings import Settings, load
from kairos.replay import ticks
from kairos.replay.cdnow import Cdnow
from kairos.replay.local import Local
from kairos.replay.row import Row, Rows
from kairos.terminal.times import stamp
from models.kernel.boundaries import boundary
from models.kernel.events import CLICKSTREAM, ORDER
from models.kernel.settings import DAY, HOUR, LANDMARK
from models.rfm.cuts import Cuts
from models.rfm.sketch import GAMMA
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore

START = 1_767_225_600_000
DATA = Path(os.environ.get("KAIROS_DATA") or Path(__file__).parents[2] / "shared/data")
BUCKET = math.log2(GAMMA)


def folded(settings: Settings, rows: Rows, shards: int) -> tuple[list[Cuts], MemoryOutputs]:
    """The tables that a fold of so many shards leaves, oldest first."""
    store, outputs = MemoryStore(), MemoryOutputs()
    Local(settings, shards, store, outputs).run(ticks.spans([rows]))
    return tables.stored(store), outputs


def order(at: int, user: str, number: int, amount: float) -> Row:
    call = {
        "event": "Order Completed",
        "userId": user,
        "timestamp": stamp(at),
        "properties": {"order_id": f"o-{number}", "revenue": amount},
    }
    return at, ORDER, user.encode(), msgspec.json.encode(call)


def shop(seed: int) -> Rows:
    """Forty days; some buyers order often, most once, some amounts are the same and some nothing."""
    rng = Random(seed)
    amounts = (0, 10, 25)
    return [
        order(at, f"b{int(500 * rng.random() ** 2)}", number, rng.choice([*amounts, rng.lognormvariate(4, 1)]))
        for number, at in enumerate(sorted(START + rng.randrange(40 * DAY) for _ in range(1_500)))
    ]


def bought(rows: Rows) -> pl.DataFrame:
    """The orders as a table: user, at (ms), amount (minor units)."""
    calls = [msgspec.json.decode(row[3]) for row in rows if row[1] == ORDER]
    return pl.DataFrame(
        {
            "user": [call["userId"] for call in calls],
            "at": [row[0] for row in rows if row[1] == ORDER],
            "amount": [round(call["properties"]["revenue"] * 100) for call in calls],
        }
    )


def population(orders: pl.DataFrame, boundary: int, half_life: int) -> pl.DataFrame:
    """Every buyer as of a boundary: days since the last order, orders, forward-decayed spending (log2)."""
    before = orders.filter(pl.col("at") < boundary).with_columns(last=pl.col("at").max().over("user"))
    weighed = pl.col("amount") * 2.0 ** ((pl.col("at") - pl.col("last")) / half_life)
    return before.group_by("user").agg(
        days=((boundary - pl.col("last").first()) // DAY),
        orders=pl.len(),
        spent=weighed.sum().log(2) + (pl.col("last").first() - LANDMARK) / half_life,
    )


def fifths(values: pl.Series) -> Iterator[float]:
    """The smallest values up to which one, two, three, four fifths lie."""
    ranked = values.sort()
    for fifth in range(1, 5):
        yield float(ranked[math.ceil(fifth * len(ranked) / 5) - 1])


def quarters(values: pl.Series) -> list[int]:
    """2, and the smallest numbers of orders of repeat buyers whose mid-rank is at one, two, three quarters."""
    repeat = values.filter(values > 1)
    ranks = pl.DataFrame({"n": repeat, "mid": (repeat.rank("average") - 0.5) / len(repeat)})
    found = [ranks.filter(pl.col("mid") >= quarter / 4)["n"].min() for quarter in range(1, 4)]
    top = repeat.max()
    assert isinstance(top, int)
    return [2, *[n if isinstance(n, int) else top + 1 for n in found]]


def compare(table: Cuts, orders: pl.DataFrame) -> bool:
    """Whether the table has cuts of its own; if so they are those of the query."""
    buyers = population(orders, boundary(table.version), 90 * DAY)
    assert table.buyers == len(buyers)
    if table.buyers < 200:
        assert table.half_life == 0
        return False
    for ours, theirs in zip(table.recency, fifths(buyers["days"]), strict=True):
        assert abs(ours - 1 - theirs) <= 1  # an order at midnight sharp is of one date and as old as the one before
    assert list(table.frequency) == quarters(buyers["orders"])
    for bucket, spent in zip(table.monetary, fifths(buyers["spent"]), strict=True):
        assert (bucket < -1e9) if spent == -math.inf else abs(bucket - 1 - spent / BUCKET) <= 1
    return True


@pytest.mark.parametrize("seed", [1, 2])
def test_every_table_of_a_random_shop_is_that_of_the_query(seed: int) -> None:
    rows = shop(seed)
    found, _ = folded(load({}), rows, shards=3)
    orders = bought(rows)
    assert [b - a for a, b in pairwise(boundary(table.version) for table in found)] == [DAY] * (len(found) - 1)
    assert sum(compare(table, orders) for table in found) > 10


def test_refunds_and_cancellations_move_a_buyer_and_do_not_count_one_twice() -> None:
    rows = shop(3)
    undone = rows[::5]
    for number, row in enumerate(undone):
        call = msgspec.json.decode(row[3])
        kind = ("Order Cancelled", "Order Refunded")[number % 2]
        call |= {"event": kind, "timestamp": stamp((row[0] or 0) + HOUR)}
        call["properties"] = {"order_id": call["properties"]["order_id"], "refund_id": f"r-{number}"}
        rows = [*rows, ((row[0] or 0) + HOUR, ORDER, row[2], msgspec.json.encode(call))]
    rows = sorted(rows, key=lambda row: row[0] or 0)
    end = START + 45 * DAY
    found, _ = folded(load({}), [*rows, (end, CLICKSTREAM, b"x", view(end))], shards=3)
    left = bought([row for row in shop(3) if row not in undone])
    assert compare(found[-1], left)


def view(at: int) -> bytes:
    return msgspec.json.encode({"event": "Page Viewed", "userId": "x", "timestamp": stamp(at)})


def test_visits_are_priors() -> None:
    rows = shop(4)
    found, _ = folded(load({}), rows, shards=2)
    last = found[-1]
    assert sum(last.hours) > 0
    assert len(last.hours) == 24


@pytest.mark.slow
def test_every_table_of_cdnow_is_that_of_the_query() -> None:
    file = DATA / "cdnow/CDNOW_sample.txt"
    if not file.exists():
        pytest.skip(f"no {file}")
    rows = [row for batch in Cdnow([str(file)]) for row in batch]
    found, _ = folded(load({"KAIROS_TABLE_EVERY": "91d"}), rows, shards=8)
    orders = bought(rows)
    assert sum(compare(table, orders) for table in found) == 6
