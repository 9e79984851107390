"""What a shard counts of what is there now, beside a walk over what profiles hold, at any time."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from models.features import SHOPPERS, ShopSettings
from models.kernel.events import Added, Amended, Event, Line, Ordered, Refunded, Removed, Replaced
from models.kernel.settings import DAY, HOUR, MINUTE
from models.kernel.shopper import GRID
from models.profile import codec
from tests.models.shopper import E0, Shopper

SETTINGS = ShopSettings(min_cart_value=300, anonymous_carts=True, order_closes="same_cart", buyer_ttl=200 * DAY)
GAPS = st.sampled_from([1, MINUTE, 40 * MINUTE, 2 * HOUR, 8 * DAY, 45 * DAY, -HOUR])
CARTS = st.sampled_from(["a", "b"])
LINE = st.builds(Line, st.sampled_from("xyz"), st.integers(1, 3), st.sampled_from([None, 250, 900]))
LINES = st.lists(LINE, max_size=2)
ORDERS = st.sampled_from(["o1", "o2"])
DEEDS: st.SearchStrategy[Event] = st.one_of(
    st.builds(Added, CARTS, LINES.map(tuple)),
    st.builds(Removed, CARTS, LINES.map(tuple)),
    st.builds(Replaced, CARTS, LINES.map(tuple)),
    st.builds(Ordered, st.sampled_from(["o1", "o2", "o3", "o4", ""]), st.integers(0, 9_000), st.just(True), CARTS),
    st.builds(Amended, ORDERS, st.integers(0, 9_000), st.just(True)),
    st.builds(Refunded, st.sampled_from(["r1", "r2", "r3"]), st.just("") | ORDERS, st.sampled_from([None, 500])),
)
LEVELS = {level.partition(":")[0] for level in SHOPPERS.levels}


def walked(shopper: Shopper) -> Counter[str]:
    """By the profile."""
    found: Counter[str] = Counter()
    if shopper.p is None:
        return found
    if (state := shopper.state("carts")) is not None:
        for cart in state.carts:
            if cart.armed or cart.open:
                value = cart.basket.contents().value()
                reminded = any(not generation.suppressed for generation in cart.open)
                found["carts"] += 1
                if cart.value >= 0:
                    found.update({"carts_value": value, "carts_reminded": reminded})
                    found["carts_reminded_value"] += reminded * value
    if (scores := shopper.state("scores")) is not None and scores.scores and shopper.p.flags & GRID:
        cell = scores.scores // 10
        history = shopper.state("orders").summary(SETTINGS.half_life, SETTINGS.fading)
        found.update({f"rf:{cell}": 1, f"rf_value:{cell}": history.net})
    alert = shopper.state("churn")
    if alert is not None and alert.alerted and alert.counted >= 0:
        found.update({"alerts_standing": 1, "at_stake": alert.counted})
    return Counter({name: n for name, n in found.items() if n})


def counted(shopper: Shopper) -> Counter[str]:
    """By the shard."""
    counts = shopper.ctx.effects.counts
    return Counter({name: n for name, n in counts.items() if n and name.partition(":")[0] in LEVELS})


def age(shopper: Shopper) -> None:
    """Make it a shopper, and a shard, of before there were such counts."""
    assert shopper.p is not None
    shopper.p.flags &= ~GRID
    for cart in getattr(shopper.state("carts"), "carts", ()):
        cart.value = -1
    if (alert := shopper.state("churn")) is not None:
        alert.counted = -1
    for name in counted(shopper):
        if name != "carts":
            del shopper.ctx.effects.counts[name]
    shopper.p = codec.decode(codec.encode(shopper.p))


@given(st.lists(st.tuples(DEEDS, GAPS), min_size=1, max_size=25), st.integers(0, 40))
def test_levels_are_what_profiles_hold(deeds: list[tuple[Event, int]], aged: int) -> None:
    """Also of a shopper from before: what was counted then is not, and nothing is taken back that never was."""
    shopper, e = Shopper(SETTINGS), E0
    for number, (event, gap) in enumerate(deeds):
        e += gap
        shopper.does(event, e)
        if number == aged and shopper.p is not None:
            age(shopper)
        assert counted(shopper) == walked(shopper)
    for days in (1, 9, 40, 100, 300):
        shopper.until(e + days * DAY)
        assert counted(shopper) == walked(shopper)
    assert shopper.p is None
    assert counted(shopper) == {}


def test_a_shopper_from_before_counts_from_the_next_change_on() -> None:
    cart = Added("a", (Line("x", 1, 900),))
    shopper = Shopper(SETTINGS).buys(0).does(cart, E0 + DAY)
    age(shopper)
    assert counted(shopper) == {"carts": 1}
    shopper.does(cart, E0 + DAY + 1).until(E0 + DAY + HOUR)
    worth = {"carts_value": 1_800, "carts_reminded": 1, "carts_reminded_value": 1_800}
    assert counted(shopper) == {"carts": 1} | worth
    shopper.buys(2, 5_000)
    assert counted(shopper) == {"rf:52": 1, "rf_value:52": 15_000}
