"""The few fields of a shopper that dashboards read."""

from __future__ import annotations

from models.features import SHOPPERS
from models.fold import Fold
from models.kernel.moment import slot
from models.kernel.shopper import Profile


def public(p: Profile | None, fold: Fold = SHOPPERS) -> dict[str, str | int] | None:
    """At most nine short fields, valid as of ``as_of`` (ms); None for shoppers with neither a cart nor an order.

    Money is in minor units of the shop's currency: ``net`` after refunds, ``cart`` of all open carts.
    """
    if p is None:
        return None
    if not any(feature.shown(slot(p, feature)) for feature in fold.showing):
        return None
    fields: dict[str, str | int] = {"as_of": p.shown}
    for feature in fold.published:
        fields |= feature.public(slot(p, feature))
    return fields
