"""Churn alerts that the engine itself raised over a whole history, judged by the raw purchases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec
import numpy as np
from msgspec import Struct

from bench.models.alerts import EARLY
from bench.models.histories import Folded
from bench.models.purchases import Purchases
from bench.models.results import Told
from models.churn.alert_message import CHURN_ALERTS
from models.kernel.settings import DAY


class Raised(Struct, frozen=True):
    """What an alert says that is judged here; `as_of` in ms."""

    user_id: str
    as_of: int
    kind: str
    model: str


_decode = msgspec.json.Decoder(Raised).decode


def raised(folded: Folded) -> Iterator[Raised]:
    """The alerts among all that was said, each once."""
    topic = folded.settings.outputs[CHURN_ALERTS.role]
    said = {message.value for _, message in folded.outputs.messages if message.topic == topic}
    return (alert for alert in map(_decode, sorted(said)) if alert.kind == "raised")


def told(alerts: Iterable[Raised], purchases: Purchases, days: int) -> list[Told]:
    """The verdict on the alerts of each model that they name.

    Parameters
    ----------
    days
        An alert is wrong if an order follows within so many days, and is not judged if the data end before.
    """
    by_model: dict[str, list[Raised]] = defaultdict(list)
    for alert in alerts:
        by_model[alert.model.partition("/")[0]].append(alert)
    return [_judged(model, found, purchases, days) for model, found in sorted(by_model.items())]


def _judged(model: str, alerts: list[Raised], purchases: Purchases, days: int) -> Told:
    end, since, stayed = purchases.start + purchases.end * DAY, [], []
    for alert in alerts:
        orders = purchases.orders(alert.user_id)
        later = int(np.searchsorted(orders, alert.as_of, "right"))
        since.append(float(alert.as_of - orders[later - 1]) / DAY)
        until = alert.as_of + days * DAY
        if until <= end:
            stayed.append(later == len(orders) or orders[later] > until)
    precision = float(np.mean(stayed)) if stayed else None
    early = sum(time < EARLY for time in since)
    return Told(model, len(alerts), len(stayed), days, precision, early, min(since))
