"""What every event says of its shopper, counted anew from the whole history, in whatever order it is read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.features import SHOPPERS, ShopSettings
from models.kernel.activity import seen
from models.kernel.events import CART, CLICKSTREAM, ORDER, Browsed
from models.kernel.feature import SIGNALS
from models.kernel.moment import Moment
from models.kernel.record import DecodedRecord
from models.kernel.settings import DAY, MINUTE
from models.kernel.shopper import ACTED, IDENTIFIED, Profile

E0 = 1_700_000_000_000
GAPS = st.sampled_from(
    [0, 1, 10_000, 40_000, MINUTE, 29 * MINUTE, 30 * MINUTE, 30 * MINUTE + 1, DAY, 30 * DAY - 1, 30 * DAY]
)
EVENTS = st.tuples(GAPS, st.sampled_from([1, 1, 1, -1]), st.sampled_from([CLICKSTREAM, CLICKSTREAM, CART, ORDER]))
SETTINGS = ShopSettings(bot_rate=2)


@given(st.lists(st.tuples(EVENTS, st.booleans(), GAPS), min_size=1, max_size=12))
def test_by_the_history(events: list[tuple[tuple[int, int, int], bool, int]]) -> None:
    ctx, p, e = SHOPPERS.context(SETTINGS), Profile(E0, E0), E0
    first = last = E0
    count, burst, visits, acted, known = 0, 0, 1, False, False
    for (gap, way, role), identified, late in events:
        e += way * gap
        now = max(e, E0) + late
        r = DecodedRecord(e, "u", Browsed(), role, identified=identified)
        raised = seen(Moment(ctx, "u", p, now, e, r, SHOPPERS, e - p.last), r)
        expected = set()
        if count == 0 or e - last > 30 * MINUTE:
            expected.add("visit")
        visits += e - last > 30 * MINUTE
        if e > last and now - last >= 30 * DAY:
            expected.add("away")
        if e // MINUTE == last // MINUTE:
            burst += 1
        elif e > last:
            burst = 1
        if burst > 2:
            expected.add("burst")
        if e < first:
            expected.add("earlier")
        count, first, last = count + 1, min(first, e), max(last, e)
        stranger, acted, known = not acted and count <= 2, acted or role != CLICKSTREAM, known or identified
        if stranger and (count > 1 or acted):
            expected.add("eligible")
        assert {name for name, bit in SIGNALS.items() if raised & bit} == expected
        assert (p.first, p.last, p.events, p.burst, p.visits) == (first, last, count, burst, visits)
        assert (bool(p.flags & ACTED), bool(p.flags & IDENTIFIED)) == (acted, known)
        assert p.eligible == (acted or count > 1)
