"""What a message says of the channels by which the shopper may be reached: its forms, and that nothing in them is a
fault. What the events themselves are stands in test_segment.py."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.decoding.decoder import Decoder
from models.features import ShopSettings
from models.kernel.events import Browsed, Ordered
from tests.models.decoding.test_tolerant import TOLERANT
from tests.models.messages import ABSENT, E, message, order, read, track

Said = dict[str, bool]


def consenting(**preferences: Any) -> dict[str, Any]:
    """A context with Segment's preferences by category."""
    return {"consent": {"categoryPreferences": preferences}}


PREFERENCES: list[tuple[dict[str, Any], Said]] = [
    ({"Advertising": True, "Analytics": False, "Functional": True}, {"": True}),
    ({"Advertising": False, "Analytics": True}, {"": False}),
    ({"Advertising": True, "Marketing": False}, {"": False}),
    ({"C0001": True, "C0004": False}, {"": False}),
    ({"C0004": True}, {"": True}),
    ({"advertising": True, "MARKETING": "True"}, {"": True}),
    ({"marketing_": 0}, {"": False}),
    ({"Analytics": True, "C0001": False}, {}),
    ({"Advertising": None, "Marketing": " "}, {}),
    ({"Advertising": "perhaps", "Marketing": True}, {"": True}),
    ({"Advertising": "perhaps"}, {}),
    ({}, {}),
]


@pytest.mark.parametrize(("preferences", "said"), PREFERENCES)
@pytest.mark.parametrize("name", ["Page Viewed", "Product Added", "Wheel Spun", "order completed", "Consent Updated"])
def test_preferences_in_the_context_of_any_call(name: str, preferences: dict[str, Any], said: Said) -> None:
    record = read(message(name, context=consenting(**preferences), properties={"order_id": "o"}))
    assert dict(record.consent) == said
    assert record.rejected is None


TRAITS: list[tuple[dict[str, Any], Said]] = [
    ({"unsubscribed": True}, {"": False}),
    ({"unsubscribed": "false"}, {"": True}),
    ({"unsubscribe": 1}, {"": False}),
    ({"marketing_opt_out": False}, {"": True}),
    ({"subscribed": False}, {"": False}),
    ({"accepts_marketing": True}, {"": True}),
    ({"acceptsMarketing": 0}, {"": False}),
    ({"buyer_accepts_marketing": "TRUE"}, {"": True}),
    ({"marketing_opt_in": True}, {"": True}),
    ({"email_unsubscribed": True}, {"email": False}),
    ({"emailUnsubscribed": False}, {"email": True}),
    ({"sms_subscribed": True, "push_unsubscribed": True}, {"sms": True, "push": False}),
    ({"SMS-opt-in": False, "Email_Opt_Out": True}, {"sms": False, "email": False}),
    ({"subscribed": True, "unsubscribed": True}, {"": False}),
    ({"unsubscribed": None, "accepts_marketing": []}, {}),
    ({"unsubscribed": "yes", "email_opt_in": {}}, {}),
    ({"email": "a@example.com", "plan": "pro"}, {}),
]


@pytest.mark.parametrize(("traits", "said"), TRAITS)
@pytest.mark.parametrize("type_", ["identify", "IDENTIFY"])
def test_traits_of_an_identify_call(type_: str, traits: dict[str, Any], said: Said) -> None:
    record = read(message(None, type=type_, traits=traits, properties=ABSENT))
    assert (record.event, record.rejected, dict(record.consent)) == (Browsed(), None, said)


@pytest.mark.parametrize(("traits", "said"), TRAITS)
def test_traits_in_the_context_of_any_call(traits: dict[str, Any], said: Said) -> None:
    for name in ("Page Viewed", "Cart Viewed", "Wheel Spun"):
        assert dict(read(message(name, context={"traits": traits})).consent) == said


def test_traits_of_other_calls_say_nothing() -> None:
    assert read(message("Page Viewed", traits={"unsubscribed": True})).consent == ()
    assert read(message(None, type="group", traits={"unsubscribed": True})).consent == ()


UPDATES: list[tuple[dict[str, Any], Said]] = [
    ({"channel": "email", "granted": True}, {"email": True}),
    ({"channel": "WhatsApp", "granted": False}, {"whatsapp": False}),
    ({"granted": False}, {"": False}),
    ({"channel": "", "granted": "true"}, {"": True}),
    ({"channel": None, "granted": 0}, {"": False}),
    ({"channel": "email"}, {}),
    ({"channel": {}, "granted": False}, {}),
    ({"channel": "email", "granted": "sure"}, {}),
    ({"channels": {"email": True, "sms": False, "push": None}}, {"email": True, "sms": False}),
    ({"Channels": {"Email": True, "email": False, "": True}}, {"email": False}),
    ({"channels": {"email": "maybe", "sms": 1}}, {"sms": True}),
    ({"channels": ["email"]}, {}),
    ({"channel": "email", "granted": True, "channels": {"email": False, "sms": True}}, {"email": False, "sms": True}),
    ({"consent": {"categoryPreferences": {"Advertising": False}}}, {"": False}),
    ({"category_preferences": {"C0004": True}}, {"": True}),
    ({"categoryPreferences": {"C0004": True}, "consent": {"categoryPreferences": {"C0004": False}}}, {"": False}),
    ({}, {}),
]


@pytest.mark.parametrize(("properties", "said"), UPDATES)
@pytest.mark.parametrize("name", ["Consent Updated", "consent_updated"])
def test_consent_updated(name: str, properties: dict[str, Any], said: Said) -> None:
    record = read(track(name, **properties))
    assert (record.event, record.rejected, dict(record.consent)) == (Browsed(), None, said)


def test_the_events_of_mailing_lists() -> None:
    assert read(track("Unsubscribed", list_id="l")).consent == (("email", False),)
    for name in ("Subscribed", "Resubscribed", "email subscribed"):
        assert read(track(name)).consent == (("email", True),)


def test_the_parts_of_one_message_go_together() -> None:
    context = consenting(Advertising=True) | {"traits": {"sms_opt_in": True}}
    assert read(message("Unsubscribed", context=context)).consent == (("", True), ("email", False), ("sms", True))
    assert read(message("Subscribed", context={"traits": {"email_opt_out": True}})).consent == (("email", False),)


NOTED: list[tuple[bytes, set[str]]] = [
    (message(context={"consent": 5}), {"ignored:consent:wrong_type"}),
    (message(context={"consent": []}), {"coerced:consent:empty_list"}),
    (message(context=consenting(Marketing="no", C0004="true")), {"ignored:consent:wrong_type", "coerced:consent:flag"}),
    (message(context={"traits": "x"}), {"ignored:traits:wrong_type"}),
    (message(None, type="identify", traits={"subscribed": 1}), {"coerced:traits:flag"}),
    (track("Consent Updated", channel=5, granted=1), {"coerced:channel:number", "coerced:granted:flag"}),
    (track("Consent Updated", channel={}, granted=True), {"ignored:channel:wrong_type"}),
    (track("Consent Updated", channels={"email": 2}), {"ignored:channels:wrong_type"}),
    (message("Consent Updated", properties="x"), {"ignored:properties:wrong_type"}),
    (message("consent updated", properties=[]), {"coerced:properties:empty_list"}),
    (message("order completed", properties={"order_id": 7}, context={"consent": 5}),
     {"coerced:order_id:number", "ignored:consent:wrong_type"}),
    (message(context={}), set()),
    (message(context=[5]), set()),
]  # fmt: skip


@pytest.mark.parametrize(("value", "notes"), NOTED)
def test_what_cannot_be_read_is_counted(value: bytes, notes: set[str]) -> None:
    record = read(value)
    assert (set(record.notes), len(record.notes), record.rejected) == (notes, len(notes), None)


def test_an_order_of_unknown_value_states_consent_too() -> None:
    record = read(
        message("Order Completed", context=consenting(C0004=False), properties={"order_id": "o", "total": -1})
    )
    assert isinstance(record.event, Ordered)
    assert record.rejected is not None
    assert record.consent == (("", False),)
    lost = read(message("Product Added", context=consenting(C0004=False), properties={"quantity": -1}))
    assert (lost.event, lost.consent) == (None, ())


def test_the_categories_are_a_setting() -> None:
    reader = Decoder(ShopSettings(consent_categories=("Newsletter",)))
    said = [reader.read(message(context=consenting(**{name: False})), E).consent for name in ("news_letter", "C0004")]
    assert said == [(("", False),), ()]


WRONG: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, False, -1, 2.5, 10**400, "", "true", "é" * 300, "\ud800", [], [5], {}, {"a": 1}, {"email": False}]
    + [{"categoryPreferences": value} for value in (True, [], {"C0004": "x"}, {"Marketing": False})]
)
NAMES = st.sampled_from(["channel", "granted", "channels", "consent", "categoryPreferences", "traits", "Unsubscribed"])
PARTS = st.dictionaries(NAMES, WRONG) | WRONG


@given(
    st.sampled_from(["Consent Updated", "consent updated", "Unsubscribed", "Page Viewed", "Checkout Started", None]),
    *(PARTS, PARTS, PARTS, st.booleans()),
)
def test_nothing_of_it_makes_a_record_bad(name: str | None, context: Any, traits: Any, own: Any, broken: bool) -> None:
    value = message(name, type="identify", context=context, traits=traits, properties=own)
    if b"ud800" in value:  # a lone surrogate is a fault wherever it stands
        return
    if broken:
        value = value.replace("é".encode(), b"\xc3").replace(b"\\u00e9", b"\xc3")
    record = read(value)
    assert (record.rejected, record.e) == (None, E)
    assert TOLERANT.read(value, E) == record
    channels = [channel for channel, _ in record.consent]
    assert channels == sorted(set(channels))
    assert all(type(allowed) is bool for _, allowed in record.consent)


@given(PARTS)
def test_an_order_is_the_same_with_and_without_it(context: Any) -> None:
    value = order(revenue=5)
    stated = message("Order Completed", context=context, properties={"order_id": "o", "revenue": 5})
    assert b"ud800" in stated or read(stated).event == read(value).event
