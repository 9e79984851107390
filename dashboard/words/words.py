"""`Words`: texts, numbers, money and times for one reader."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.lists import format_list
from babel.numbers import NumberPattern
from markupsafe import Markup

from dashboard.words import names, reasons
from dashboard.words.catalog import message, texts
from models.decoding.money import exponent
from models.kernel.settings import DAY, HOUR, MINUTE, SECOND

UNITS = ((DAY, message("{n} d")), (HOUR, message("{n} h")), (MINUTE, message("{n} min")))
REMEMBERED = ("number", "percent", "money", "short_money", "day", "clock", "iso", "reason", "tag")
"""What is formatted once a second is mostly what was formatted before: newest results are kept, `MOST` of each."""
MOST = 2_048
HIDDEN = "•••"
"""Stands for an amount that is not to be shown."""


class Words:
    """What one reader reads.

    Parameters
    ----------
    locale
        ``en`` or ``zh_CN``, as Babel names it.
    zone
        The shop's time zone, by its IANA name.
    amounts
        Whether amounts of money are shown; else `money` writes dots.
    """

    def __init__(self, locale: str, zone: str, *, amounts: bool = True) -> None:
        self.locale = Locale.parse(locale)
        self.zone = ZoneInfo(zone)
        self.amounts = amounts
        self._texts = texts(self.locale)
        self._patterns: dict[tuple[str, int], NumberPattern] = {}
        for name in REMEMBERED:
            setattr(self, name, lru_cache(MOST)(getattr(self, name)))

    def __call__(self, text: str, **values: object) -> str:
        """A text, with its values put into ``{name}``.

        >>> Words("en", "UTC")("{n} orders since {day}", n=3, day="Monday")
        '3 orders since Monday'
        """
        found = self._texts.get(text, (text,))[0]
        return found.format(**values) if values else found

    def html(self, text: str, **values: object) -> Markup:
        """The same for values that are HTML: what is not `Markup` is escaped.

        >>> Words("en", "UTC").html("{who} & {what}", who=Markup("<b>u1</b>"), what="<i>")
        Markup('<b>u1</b> &amp; &lt;i&gt;')
        """
        return Markup("%s") % Markup(Markup.escape(self._texts.get(text, (text,))[0])).format(**values)

    def plural(self, one: str, many: str, n: int, **values: object) -> str:
        """A text that depends on a number, which it shows as ``{n}``.

        >>> [Words("en", "UTC").plural("{n} cart", "{n} carts", n) for n in (1, 1200)]
        ['1 cart', '1,200 carts']
        """
        forms = self._texts.get(one, (one, many))
        form = forms[min(self._plural(n), len(forms) - 1)]
        return form.format(n=self.number(n), **values)

    def _plural(self, n: int) -> int:
        return 0 if self.locale.plural_form(n) == "one" or self.locale.language == "zh" else 1

    def number(self, value: float, decimals: int = 0) -> str:
        """A number with so many decimals.

        >>> Words("en", "UTC").number(12345.678, 1)
        '12,345.7'
        """
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return numbers.format_decimal(value, pattern, locale=self.locale)

    def short(self, value: float) -> str:
        """A number in little room.

        >>> Words("en", "UTC").short(12345), Words("zh_CN", "UTC").short(12345)
        ('12.3K', '1.2万')
        """
        if abs(value) < 1_000:
            return self.number(value)
        return numbers.format_compact_decimal(value, locale=self.locale, fraction_digits=int(abs(value) < 20_000))

    def percent(self, share: float | None, decimals: int = 0) -> str:
        """A share as a percentage; a dash for None.

        >>> Words("en", "UTC").percent(0.1234, 1), Words("en", "UTC").percent(None)
        ('12.3%', '–')
        """
        if share is None:
            return "–"
        return numbers.format_percent(
            share, "#,##0" + ("." + "0" * decimals if decimals else "") + "%", locale=self.locale
        )

    def money(self, minor: float | None, currency: str) -> str:
        """An amount in minor units, with the decimals of its currency.

        >>> words = Words("en", "UTC")
        >>> words.money(28740, "USD"), words.money(28740, "JPY"), Words("en", "UTC", amounts=False).money(1, "USD")
        ('$287.40', '¥28,740', '•••')
        """
        if minor is None:
            return "–"
        if not self.amounts:
            return HIDDEN
        return self._amount(Decimal(round(minor)).scaleb(-exponent(currency)), currency, exponent(currency))

    def _amount(self, amount: Decimal, currency: str, decimals: int) -> str:
        if (currency, decimals) not in self._patterns:
            pattern = copy(self.locale.currency_formats["standard"])
            pattern.frac_prec = (decimals, decimals)
            self._patterns[currency, decimals] = pattern
        pattern = self._patterns[currency, decimals]
        return str(pattern.apply(amount, self.locale, currency=currency, currency_digits=False))

    def round_money(self, minor: float | None, currency: str) -> str:
        """An amount for a large heading: from a thousand on without decimals.

        >>> Words("en", "UTC").round_money(2874061, "USD"), Words("en", "UTC").round_money(95_050, "USD")
        ('$28,741', '$950.50')
        """
        unit = 10 ** exponent(currency)
        if minor is None or not self.amounts or abs(minor) < 1_000 * unit:
            return self.money(minor, currency)
        return self._amount(Decimal(round(minor / unit)), currency, 0)

    def short_money(self, minor: float | None, currency: str) -> str:
        """An amount in little room.

        >>> Words("en", "UTC").short_money(2874000, "USD"), Words("en", "UTC").short_money(950, "USD")
        ('$29K', '$10')
        """
        if minor is None or not self.amounts:
            return self.money(minor, currency)
        amount = round(minor / 10 ** exponent(currency))
        digits = int(1_000 <= abs(amount) < 20_000)
        return numbers.format_compact_currency(amount, currency, locale=self.locale, fraction_digits=digits)

    def _at(self, ms: int) -> datetime:
        return datetime.fromtimestamp(ms / 1000, self.zone)

    def moment(self, ms: int) -> str:
        """Day and minute, in the shop's time zone.

        >>> Words("en", "Asia/Shanghai").moment(1775037780000)
        'Apr 1, 2026, 18:03'
        """
        return f"{self.day(ms)}{self._comma}{self.clock(ms)[:-3]}"

    def when(self, ms: int, as_of: int) -> str:
        """The clock, where that is of the same day as `as_of`; else day and minute.

        >>> words = Words("en", "UTC")
        >>> words.when(1775037780000, 1775037790000), words.when(1775037780000, 1775137780000)
        ('10:03:00', 'Apr 1, 2026, 10:03')
        """
        return self.clock(ms) if self._at(ms).date() == self._at(as_of).date() else self.moment(ms)

    @cached_property
    def _comma(self) -> str:
        return " " if self.locale.language == "zh" else ", "

    def day(self, ms: int) -> str:
        """The day.

        >>> Words("en", "UTC").day(1775037780000), Words("zh_CN", "UTC").day(1775037780000)
        ('Apr 1, 2026', '2026年4月1日')
        """
        return dates.format_skeleton("yMMMd", self._at(ms), tzinfo=self.zone, locale=self.locale)

    def clock(self, ms: int) -> str:
        """Hours, minutes and seconds.

        >>> Words("en", "UTC").clock(1775037780000)
        '10:03:00'
        """
        return f"{self._at(ms):%H:%M:%S}"

    def date(self, iso: str) -> str:
        """A day of the shop that is written as ``2026-11-28``, without its year.

        >>> Words("en", "UTC").date("2026-11-28")
        'Nov 28'
        """
        return dates.format_skeleton("MMMd", datetime.fromisoformat(iso), locale=self.locale)

    def iso(self, ms: int) -> str:
        """The same moment for machines.

        >>> Words("en", "UTC").iso(1775037780000)
        '2026-04-01T10:03:00+00:00'
        """
        return self._at(ms).isoformat(timespec="seconds")

    def ago(self, ms: int, as_of: int) -> str:
        """How long before `as_of` that was, or how long after.

        >>> Words("en", "UTC").ago(0, 180_000), Words("en", "UTC").ago(3 * DAY, 0), Words("en", "UTC").ago(5, 9)
        ('3 minutes ago', 'in 3 days', 'just now')
        """
        if abs(as_of - ms) < SECOND:
            return self("just now")
        return dates.format_timedelta(
            timedelta(milliseconds=ms - as_of), add_direction=True, threshold=1.0, locale=self.locale
        )

    def lasts(self, ms: int) -> str:
        """A duration, in its largest unit that is more than one.

        >>> [Words("en", "UTC").lasts(ms) for ms in (1500, 90 * SECOND, 30 * MINUTE, 36 * HOUR, 7 * DAY)]
        ['2 s', '90 s', '30 min', '36 h', '7 d']
        """
        for unit, text in UNITS:
            if ms >= 2 * unit:
                return self(text, n=self.number(round(ms / unit)))
        return self("{n} s", n=self.number(round(ms / SECOND)))

    def listed(self, names: Sequence[str]) -> str:
        """Names one after another, as the language does it.

        >>> Words("en", "UTC").listed(["shoes", "socks"]), Words("zh_CN", "UTC").listed(["鞋", "袜"])
        ('shoes and socks', '鞋和袜')
        """
        return format_list(names, locale=self.locale)

    def segment(self, name: str) -> str:
        """What a segment is called: ``at_risk`` is "At risk"."""
        return names.plain(self, name)

    def tag(self, tag: str) -> str:
        """What a tag is called.

        >>> Words("en", "UTC").tag("segment:at_risk"), Words("en", "UTC").tag("interest:shoes")
        ('Segment: At risk', 'Interest: shoes')
        """
        return names.tag(self, tag)

    def kind(self, topic: str, kind: str) -> str:
        """What a message is, by its topic and kind.

        >>> Words("en", "UTC").kind("cart-abandonments", "triggered")
        'Cart reminder'
        """
        return names.kind(self, topic, kind)

    def fate(self, name: str) -> str:
        """What a counter of events that met something on their way is called."""
        return names.fate(self, name)

    def delivery(self, name: str) -> str:
        """What the state of an endpoint is called, or what became of a message there."""
        return names.delivery(self, name)

    def happened(self, kind: str) -> str:
        """What happened to a shopper."""
        return names.happened(self, kind)

    def contestant(self, name: str) -> str:
        """What one who predicts churn is called."""
        return names.contestant(self, name)

    def reason(self, text: str) -> str:
        """A reason the engine gave.

        >>> Words("en", "UTC").reason("M 4: spent 3240 in USD minor units, decayed")
        'M 4: spent $32.40, decayed'
        """
        return reasons.told(self, text)

    def get(self, text: str) -> str | None:
        """The translation of a text, if there is one."""
        found: Any = self._texts.get(text)
        return found[0] if found else None
