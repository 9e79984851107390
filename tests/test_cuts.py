"""Tables of cuts against a batch query over the same orders, written in polars, at every boundary."""

from __future__ import annotations

import math
import os
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import NamedTuple

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
from models.features import ShopSettings
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


def population(orders: pl.DataFrame, boundary: int, half_life: int, zone: str) -> pl.DataFrame:
    """Every buyer as of a boundary: calendar days from the last order to the day after, orders, bucket of spending."""
    before = orders.filter(pl.col("at") < boundary).with_columns(last=pl.col("at").max().over("user"))
    weighed = pl.col("amount") * 2.0 ** ((pl.col("at") - pl.col("last")) / half_life)
    last = pl.col("last").first()
    days = date(pl.lit(boundary), zone) - date(last, zone)
    spent = weighed.sum().log(2) + (last - LANDMARK) / half_life
    return before.group_by("user").agg(days=days.dt.total_days() + 1, orders=pl.len(), spent=(spent / BUCKET).floor())


def date(at: pl.Expr, zone: str) -> pl.Expr:
    """The date on the shop's wall."""
    return pl.from_epoch(at, "ms").dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.date()


def cuts(values: pl.Series, parts: int) -> list[float]:
    """The smallest values whose mid-rank reaches one, two ... of so many parts; the largest and 1 if none does."""
    ranks = pl.DataFrame({"n": values, "mid": (values.rank("average") - 0.5) / len(values)})
    reached = [ranks.filter(pl.col("mid") >= part / parts - 1e-12)["n"].min() for part in range(1, parts)]
    top = values.max()
    assert isinstance(top, (int, float))
    return [n if isinstance(n, (int, float)) else top + 1 for n in reached]


def compare(tables: list[Cuts], orders: pl.DataFrame, settings: ShopSettings) -> list[bool]:
    """Whether each table has cuts of its own; if so they are those of the query, or as near as they may come."""
    own = []
    before: Axes | None = None
    for number, table in enumerate(tables):
        wanted = query(table, orders, settings)
        if wanted is not None and before is not None:
            since, at = (boundary(tables[n].version) // DAY for n in (number - 1, number))
            thursdays = sum(day % 7 == 0 for day in range(since + 1, at + 1))  # 1970 began on one
            days = at - since
            wanted = Axes(*map(near, wanted, before, (days, thursdays, 2 * days)))
        assert table.fixed if wanted is None else wanted == (table.recency, table.frequency, table.monetary)
        own.append(wanted is not None)
        before = wanted
    return own


class Axes(NamedTuple):
    """Four cuts of each."""

    recency: tuple[int, ...]
    frequency: tuple[int, ...]
    monetary: tuple[int, ...]


def near(wanted: tuple[int, ...], before: tuple[int, ...], most: int) -> tuple[int, ...]:
    """Each as near to what is wanted as it comes from where it was."""
    return tuple(
        min(range(old - most, old + most + 1), key=lambda cut: abs(cut - new))
        for new, old in zip(wanted, before, strict=True)
    )


def query(table: Cuts, orders: pl.DataFrame, settings: ShopSettings) -> Axes | None:
    """The cuts of a date by the query; None with too few buyers, or too short a history."""
    at = boundary(table.version)
    buyers = population(orders, at, settings.half_life, settings.time_zone)
    assert table.buyers == len(buyers)
    first = orders.select(day=date(pl.col("at").min(), settings.time_zone))["day"]
    known = pl.select(day=date(pl.lit(at), settings.time_zone))["day"] - first
    if table.buyers < 200 or known.dt.total_days()[0] * DAY < settings.table_history:
        return None
    least = buyers["spent"].filter(buyers["spent"] > -math.inf).min()
    spent = [max(cut, least) for cut in cuts(buyers["spent"], 5)]  # type: ignore[type-var]
    repeat = buyers["orders"].filter(buyers["orders"] > 1)
    return Axes(*(tuple(map(int, each)) for each in (cuts(buyers["days"], 5), [2, *cuts(repeat, 4)], spent)))


@pytest.mark.parametrize(
    ("seed", "zone", "history"), [(1, "UTC", "0d"), (2, "America/New_York", "0d"), (3, "Asia/Tokyo", "30d")]
)
def test_every_table_of_a_random_shop_is_that_of_the_query(seed: int, zone: str, history: str) -> None:
    rows = shop(seed)
    settings = load({"KAIROS_TABLE_HISTORY": history, "KAIROS_TIME_ZONE": zone})
    found, _ = folded(settings, rows, shards=3)
    orders = bought(rows)
    assert [b - a for a, b in pairwise(boundary(table.version) for table in found)] == [DAY] * (len(found) - 1)
    own = compare(found, orders, settings.shop)
    assert own == sorted(own)
    assert sum(own) > 8


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
    settings = load({"KAIROS_TABLE_HISTORY": "0d", "KAIROS_TABLE_BUYERS": "200"})
    found, _ = folded(settings, [*rows, (end, CLICKSTREAM, b"x", view(end))], shards=3)
    left = bought([row for row in shop(3) if row not in undone])
    assert compare([found[-1]], left, settings.shop) == [True]


def view(at: int) -> bytes:
    return msgspec.json.encode({"event": "Page Viewed", "userId": "x", "timestamp": stamp(at)})


def test_visits_are_priors() -> None:
    rows = shop(4)
    found, _ = folded(load({}), rows, shards=2)
    last = found[-1]
    assert sum(last.hours) > 0
    assert len(last.hours) == 24


def test_weekdays_are_days_with_a_visit_after_four_weeks_of_history() -> None:
    rows = shop(5)
    found, _ = folded(load({}), rows, shards=3)
    orders = bought(rows).with_columns(day=date(pl.col("at"), "UTC"))
    for table in found:
        before = orders.filter(pl.col("at") < boundary(table.version))
        days = before.unique(["user", "day"]).group_by(pl.col("day").dt.weekday()).len().sort("day")["len"]
        known = (boundary(table.version) - START) // DAY
        assert table.weekdays == (tuple(days) if table.buyers >= 200 and known >= 28 else ())
    assert found[-1].weekdays


@pytest.mark.slow
def test_every_table_of_cdnow_is_that_of_the_query() -> None:
    file = DATA / "cdnow/CDNOW_sample.txt"
    if not file.exists():
        pytest.skip(f"no {file}")
    rows = [row for batch in Cdnow([str(file)]) for row in batch]
    settings = load({"KAIROS_TABLE_EVERY": "91d"})
    found, _ = folded(settings, rows, shards=8)
    orders = bought(rows)
    assert sum(compare(found, orders, settings.shop)) == 5  # the first comes too early
