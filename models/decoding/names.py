from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from models.decoding.segment import NAMES as CONTRACT


class Meaning(NamedTuple):
    event: str
    fields: Mapping[str, str]


def normalised(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name.casefold())


NAMES = {normalised(name): Meaning(name, {}) for name in CONTRACT}
G = {"items": "products", "itemid": "product_id", "transactionid": "order_id", "value": "revenue"}
NAMES["purchase"] = Meaning("Order Completed", G)


def with_aliases(own: Mapping[str, str]) -> Mapping[str, Meaning]:
    return NAMES | {normalised(a): NAMES[normalised(b)] for a, b in own.items()}
