"""At most so many churn alerts a day, those with the most at stake: `KAIROS_CHURN_MOST`.

The model in force says from which value at stake its alerts are raised (`models.churn.least_value`), so that on most
days they are few enough. Beside that each shard raises no more on one day of the shop, by event time, than its part of
the number, whoever judges. Shards need not know of each other for it: their parts add up.

Who is held back for the value is looked at again with the next snapshot, 14 days later at most; for lack of a place a
day later, since a shard's part may be none on most days; and both with order reports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.churn.counts import cell
from models.churn.model import NAME
from models.churn.sampling import STEP_MS
from models.kernel import zones
from models.kernel.moment import Moment
from models.kernel.settings import DAY

if TYPE_CHECKING:
    from models.churn.counts import Counts
    from models.churn.model import Model

KEPT = 8
"""Days of which a shard knows how many alerts it raised. On an earlier one, as under ``clock=wall`` a timer that had to
wait may be, it raises none."""


def part(most: int, day: int, partition: int, partitions: int) -> int:
    """How many alerts a shard may raise on a day (days since 1970): all shards' parts are `most` together.

    What is left over goes round, so that a shopper is not left out for living in the wrong shard.

    >>> [[part(5, day, partition, 3) for partition in range(3)] for day in range(3)]
    [[2, 2, 1], [2, 1, 2], [1, 2, 2]]
    >>> [sum(part(1, day, partition, 8) for day in range(80)) for partition in range(8)]
    [10, 10, 10, 10, 10, 10, 10, 10]
    """
    whole, rest = divmod(most, partitions)
    return whole + ((partition - day * rest) % partitions < rest)


def held_back(m: Moment, value: int, *, first: bool, by_model: bool) -> int:
    """How long an alert that has come due must wait (ms); 0: it is raised now, and takes one of the day's places.

    Parameters
    ----------
    value
        At stake (minor units).
    first
        Whether it comes due for the first time since the newest order: then it is counted.
    by_model
        Whether the model judged. Values at stake by the overdue rule are others, and no least one is known.
    """
    most = m.ctx.settings.churn_most
    if not most:
        return 0
    counts: Counts = m.ctx.sketches[NAME]
    model: Model = m.ctx.tables[NAME]
    if first and by_model:
        m.ctx.effects.recounted.add(NAME)
        counts.stakes[cell(value)] = counts.stakes.get(cell(value), 0) + 1
    worth = not by_model or value >= model.least_value
    if worth and _place(m, counts.alerts, most):
        return 0
    if first:
        m.count("churn_held")
    return DAY if worth else STEP_MS


def _place(m: Moment, alerts: dict[int, int], most: int) -> bool:
    """Take a place of the day; False if there is none left."""
    ctx = m.ctx
    day = zones.day(m.p.evaluated_at, ctx.settings.time_zone)
    newest = max(alerts, default=day)
    if day <= newest - KEPT or alerts.get(day, 0) >= part(most, day, ctx.partition, ctx.partitions):
        return False
    ctx.effects.recounted.add(NAME)
    alerts[day] = alerts.get(day, 0) + 1
    for past in [other for other in alerts if other <= max(day, newest) - KEPT]:
        del alerts[past]
    return True
