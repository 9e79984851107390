"""A message that was folded before is known for a day without an event, and no longer."""

from __future__ import annotations

import pytest

from models.features import SHOPPERS, ShopSettings
from models.kernel.events import CART, CLICKSTREAM, Browsed, CartViewed
from models.kernel.record import DecodedRecord
from models.kernel.settings import DAY
from models.kernel.shopper import Profile

E0 = 1_700_000_000_000


@pytest.mark.parametrize(("later", "outcome"), [(DAY, "duplicate"), (DAY + 1, "applied")])
@pytest.mark.parametrize("role", [CLICKSTREAM, CART])
def test_a_message_read_again(role: int, later: int, outcome: str) -> None:
    ctx, p = SHOPPERS.context(ShopSettings()), None
    event = Browsed() if role == CLICKSTREAM else CartViewed("c")
    for e, expected in ((E0, "applied"), (E0 + later, outcome)):
        p, found = SHOPPERS.event(ctx, "u", p, DecodedRecord(e, "u", event, role, 7), e)
        assert found == expected


@pytest.mark.parametrize(("role", "size"), [(CLICKSTREAM, 16), (CART, 64)])
def test_the_oldest_of_a_full_ring_is_forgotten(role: int, size: int) -> None:
    ctx, found = SHOPPERS.context(ShopSettings()), list[str]()
    p: Profile | None = None
    event = Browsed() if role == CLICKSTREAM else CartViewed("c")
    for i, message in enumerate([*range(size + 1), 1, 0]):
        p, outcome = SHOPPERS.event(ctx, "u", p, DecodedRecord(E0 + i, "u", event, role, message), E0)
        found.append(outcome)
    assert found == ["applied"] * (size + 1) + ["duplicate", "applied"]
    assert ctx.effects.counts["dedupe_overflow"] == 2
