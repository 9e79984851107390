"""Who orders every day and stops is missed, whatever the hours of the orders were."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.churn.alert_message import ChurnAlert
from models.kernel.events import Ordered
from models.kernel.settings import DAY, HOUR
from tests.models.shopper import E0, Shopper

MIDNIGHT = E0 - E0 % DAY


def alerts(shopper: Shopper) -> list[ChurnAlert]:
    return [said.output for said in shopper.ctx.effects.outputs if isinstance(said.output, ChurnAlert)]


def buys(times: list[int]) -> Shopper:
    """A shopper who orders at these times (ms after a midnight)."""
    shopper = Shopper()
    for e in times:
        shopper.does(Ordered(f"o{e}", 2_000, True), MIDNIGHT + e)
    return shopper


@given(st.lists(st.lists(st.integers(0, DAY - 1), min_size=1, max_size=3, unique=True), min_size=9, max_size=60))
def test_a_daily_buyer_is_missed_on_the_tenth_day_of_silence_at_the_latest(hours: list[list[int]]) -> None:
    """One order a day or more, at any hours. Days, gaps of occasions: less than 3, so 3 gaps are less than 9."""
    times = [day * DAY + at for day, those in enumerate(hours) for at in sorted(those)]
    shopper, last = buys(times), MIDNIGHT + times[-1]
    assert not alerts(shopper)
    [raised] = alerts(shopper.until(last + 10 * DAY))
    assert (raised.kind, raised.last_order) == ("raised", last)
    assert last + 7 * DAY <= raised.as_of < last + 9 * DAY


@given(st.integers(0, 23), st.lists(st.integers(-2 * HOUR, 2 * HOUR), min_size=9, max_size=60))
def test_a_buyer_of_the_same_hour_is_missed_after_a_week(hour: int, jitter: list[int]) -> None:
    """Two hours early or late: occasions are one or two days apart, so three gaps are within the least wait."""
    times = [day * DAY + hour * HOUR + late for day, late in enumerate(jitter, 1)]
    [raised] = alerts(buys(times).until(MIDNIGHT + times[-1] + 8 * DAY))
    assert raised.as_of == MIDNIGHT + times[-1] + 7 * DAY
