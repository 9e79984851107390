"""A stage changes by time alone only when it is looked at."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.kernel.settings import DAY
from models.lifecycle import stage as lifecycle


@given(st.integers(0, 50 * DAY), st.integers(0, 200 * DAY), st.booleans(), st.integers(0, 300 * DAY))
def test_stage_changes_only_at_its_crossings(span: int, idle: int, back: bool, ahead: int) -> None:
    first, last = 0, span
    returned = last if back else 0
    now = last + idle
    crossing = lifecycle.crossing(first, last, returned, now)
    later = now + ahead
    if not crossing or later < crossing:
        assert lifecycle.stage(first, last, returned, later) == lifecycle.stage(first, last, returned, now)
