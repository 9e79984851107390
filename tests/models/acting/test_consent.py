"""What a shopper allowed or refused: which word counts, and what a refusal takes back."""

from __future__ import annotations

import pytest

from models.acting.consent import State, allowed
from models.carts.cart_trigger import CartTrigger, step_id
from models.features import SHOPPERS, ShopSettings
from models.kernel.events import Added, Browsed, Line
from models.kernel.record import DecodedRecord
from models.kernel.settings import DAY, HOUR, MINUTE
from tests.models.shopper import E0, Shopper

SETTINGS = {"cart_steps": (30 * MINUTE, DAY), "message_cap": 0, "holdout": 0.0}


def says(shopper: Shopper, at: int, *consent: tuple[str, bool]) -> Shopper:
    """An event that states consent, `at` ms after `E0`."""
    shopper.until(max(E0 + at, shopper.watermark))
    shopper.count += 1
    record = DecodedRecord(E0 + at, "u", Browsed(), 0, shopper.count, True, consent=consent)
    shopper.p, _ = SHOPPERS.event(shopper.ctx, "u", shopper.p, record, shopper.watermark)
    return shopper


def messages(shopper: Shopper) -> list[CartTrigger]:
    return [each.output for each in shopper.ctx.effects.outputs if isinstance(each.output, CartTrigger)]


def left(**settings: object) -> Shopper:
    return Shopper(ShopSettings(**SETTINGS, **settings)).does(Added("a", (Line("p", 1),)), E0)


@pytest.mark.parametrize(
    ("said", "channels"),
    [
        ([], ("email", "sms")),
        ([("", False, 5)], ()),
        ([("", False, 5), ("sms", True, 6)], ("sms",)),
        ([("sms", True, 6), ("", False, 7)], ()),
        ([("", True, 5), ("email", False, 5)], ("sms",)),
        ([("email", False, 5), ("email", True, 4)], ("sms",)),
        ([("email", False, 5), ("email", True, 5)], ("email", "sms")),
    ],
)
def test_the_newest_word_counts(said: list[tuple[str, bool, int]], channels: tuple[str, ...]) -> None:
    state = State()
    for channel, yes, e in said:
        state.take(channel, yes, e)
    assert allowed(state, ("email", "sms"), granted=True) == channels


def test_a_bounded_number_of_channels_is_kept() -> None:
    state = State()
    for number in range(100):
        state.take(f"c{number}", False, 1)
    state.take("", True, 1)
    assert len(list(state.statements())) == 9


def test_nobody_is_reminded_who_refused() -> None:
    shopper = says(left(), MINUTE, ("", False)).until(E0 + 2 * HOUR)
    assert [(m.kind, m.reason, m.channels) for m in messages(shopper)] == [("suppressed", "consent", ())]
    later = says(shopper, 3 * HOUR, ("email", True)).until(E0 + 2 * DAY)
    assert [(m.kind, m.step, m.channels) for m in messages(later)[1:]] == [("triggered", 2, ("email",))]
    assert [m.reason for m in messages(left(consent_default="denied").until(E0 + HOUR))] == ["consent"]


def test_a_strangers_first_click_counts() -> None:
    shopper = says(Shopper(ShopSettings(**SETTINGS)), 0, ("", False)).does(Added("a", (Line("p", 1),)), E0 + 1)
    assert [m.reason for m in messages(shopper.until(E0 + HOUR))] == ["consent"]


def test_a_withdrawal_takes_back_what_may_still_be_acted_on() -> None:
    shopper = says(left().until(E0 + HOUR), 2 * HOUR, ("", False))
    closing = messages(shopper)[-1]
    assert (closing.kind, closing.reason, closing.as_of) == ("cancelled", "consent withdrawn", E0 + 2 * HOUR)
    assert closing.retract == (step_id("u", "a", E0, 1),)
    shopper.until(E0 + 30 * DAY)
    assert len(messages(shopper)) == 2, "the generation has ended"


def test_one_of_two_channels_withdrawn_takes_back_too() -> None:
    shopper = says(left(channels=("email", "sms")).until(E0 + HOUR), 2 * HOUR, ("sms", False))
    assert [m.kind for m in messages(shopper)] == ["triggered", "cancelled"]


def test_an_older_refusal_that_comes_late_changes_nothing() -> None:
    shopper = says(says(left(), MINUTE, ("", True)).until(E0 + HOUR), 0, ("", False))
    assert [m.kind for m in messages(shopper)] == ["triggered"]


def test_what_expired_is_not_taken_back() -> None:
    shopper = says(left(reminder_valid=HOUR).until(E0 + 2 * HOUR), 3 * HOUR, ("", False))
    assert [m.kind for m in messages(shopper)] == ["triggered"]
