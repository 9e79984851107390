"""Random buyers for tests of the churn model: as the engine keeps them, and as the reference does."""

from __future__ import annotations

from random import Random

import numpy as np

from models.churn.level import Level
from models.orders.buying import Buying
from tests.reference.hazard import Shop, Shoppers

DAY = 20_000.0


def shop(seed: int, buyers: int = 60, days: int = 300) -> tuple[list[Buying], Shoppers, Level, Shop]:
    """Buyers with one or more occasions each in `days` days from `DAY` on, and the level at their end."""
    random = Random(seed)
    engine, reference = [Buying() for _ in range(buyers)], Shoppers(buyers)
    for day in range(0, days, 3):
        who = [
            i for i in range(buyers) if random.random() < (i + 1) / buyers / 4 or (day == 0 and random.random() < 0.5)
        ]
        if day == days - 3:
            who += [i for i in range(buyers) if not engine[i].occasions and i not in who]
        amounts, items = [random.uniform(0, 300) for _ in who], [random.randint(1, 8) for _ in who]
        for i, amount, n in zip(who, amounts, items, strict=True):
            engine[i].learn_one(DAY + day, amount, n)
        reference.order(np.array(who, dtype=np.intp), DAY + day, np.array(amounts), np.array(items, dtype=float))
    pooled = reference.shop(DAY + days)
    return engine, reference, Level(*pooled), pooled
