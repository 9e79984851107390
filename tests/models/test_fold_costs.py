"""An event costs what it touches: lines of Python, the same on every run, and the slots that are unpacked."""

from __future__ import annotations

from msgspec import Raw

from models.features import SHOPPERS
from models.kernel.events import CLICKSTREAM, Browsed
from models.kernel.record import DecodedRecord
from models.kernel.settings import DAY, MINUTE
from models.profile import codec
from tests.fuzz.work import lines
from tests.models.shopper import E0, Shopper


def known() -> Shopper:
    """A buyer with interests, views and habits, packed as the store has it."""
    shopper = Shopper().looks(0, "p", "shoes").buys(1).looks(2, "p", "shoes").looks(2.001, "q", "bags")
    assert shopper.p is not None
    shopper.p = codec.decode(codec.encode(shopper.p))
    return shopper


def test_a_click_that_says_nothing() -> None:
    shopper = known()
    r = DecodedRecord(E0 + 2 * DAY + 5 * MINUTE, "u", Browsed(), CLICKSTREAM, 99, True)
    count = lines(lambda: SHOPPERS.event(shopper.ctx, "u", shopper.p, r, r.e))
    assert shopper.p is not None
    assert shopper.p.events == 5
    assert all(slot is None or type(slot) is Raw for slot in shopper.p.slots)
    assert count <= 62


def test_a_view_moves_no_due_while_the_tag_it_is_about_stays() -> None:
    shopper = Shopper().looks(0, "p").looks(1, "p").looks(2, "p")
    assert shopper.p is not None
    before = dict(shopper.p.dues)
    shopper.looks(3, "p")
    assert shopper.p.dues == before
    assert "hesitating" in shopper.rests(9.9).held
