"""The page's words: the catalogue is complete, and what is told of numbers, money, times and reasons."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from dashboard.words import Words, catalog, reasons
from dashboard.words.catalog import texts
from tests.dashboard.messages import all_messages

EN, ZH = Words("en", "Asia/Shanghai"), Words("zh_CN", "Asia/Shanghai")
PLACE = re.compile(r"\{(\w*)\}")


def test_every_text_is_translated_and_no_translation_is_stale() -> None:
    known, wanted = set(texts(Locale.parse("zh_CN"))), all_messages()
    assert len(wanted) > 100
    assert {"missing": wanted - known, "stale": known - wanted} == {"missing": set(), "stale": set()}


def test_translations_have_the_places_of_the_english_text() -> None:
    with Path(catalog.__file__).with_name("zh_CN.po").open("rb") as file:
        for entry in read_po(file, locale="zh_CN"):
            english = entry.id[1] if entry.pluralizable else entry.id
            for text in entry.string if entry.pluralizable else [entry.string]:
                assert set(PLACE.findall(text)) == set(PLACE.findall(english)), english


@pytest.mark.parametrize(
    ("currency", "english", "chinese"),
    [("USD", "$287.40", "US$287.40"), ("CNY", "CN¥287.40", "¥287.40"), ("JPY", "¥28,740", "JP¥28,740")],
)
def test_money_has_the_decimals_and_the_sign_of_its_currency(currency: str, english: str, chinese: str) -> None:
    assert (EN.money(28740, currency), ZH.money(28740, currency)) == (english, chinese)


def test_hidden_amounts_are_in_no_text() -> None:
    quiet = Words("en", "UTC", amounts=False)
    told = [quiet.money(28740, "USD"), quiet.short_money(28740, "USD")]
    told.append(quiet.reason("expected to spend 28740 in USD minor units within a year"))
    assert not re.search(r"\d", "".join(told).replace("…", ""))


def test_reasons_in_two_languages() -> None:
    text = "3 items left for 30 min without an order"
    assert EN.reason(text) == text
    assert ZH.reason(text) != text
    assert "30" in ZH.reason(text)
    assert ZH.reason("1 item left for 24 h without an order") == "1 件商品放置 24 小时未下单"
    assert all(EN.reason(why) != why != ZH.reason(why) for why in reasons.WHY)
    assert EN.reason("M 4: spent 3240 in USD minor units, decayed") == "M 4: spent $32.40, decayed"


@given(st.text())
def test_any_reason_is_told_and_an_unknown_one_as_it_is(text: str) -> None:
    if reasons._MINOR.search(text) is None and "\0" not in text and text not in reasons.WHY:
        assert EN.reason(text) == text


def test_html_escapes_what_is_no_markup() -> None:
    assert EN.html("{who} left", who="<script>") == Markup("&lt;script&gt; left")


def test_times_are_the_shops() -> None:
    assert EN.clock(1775037780000) == "18:03:00"
    assert ZH.day(1775037780000) == "2026年4月1日"
    assert ZH.ago(0, 180_000) == "3分钟前"


def test_languages() -> None:
    assert [catalog.chosen(tag) for tag in ("en-US", "zh-Hans-CN", "de", "")] == ["en", "zh-CN", None, None]
