"""Money: from the numbers of a message to integers of the shop's minor unit, exactly.

A JSON number means its decimal text: 2.675 is two units and 67.5 cents, though no binary float is exactly that. Halves
are rounded to even, once, after all lines are summed and converted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from models.decoding.event_time import day
from models.decoding.rejections import UNKNOWN_CURRENCY, WRONG_TYPE, ContractViolation
from models.kernel.settings import Rate, SharedSettings

_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"
EXPONENTS = {code: decimals for decimals, codes in ((0, _NONE), (3, _THREE), (4, _FOUR)) for code in codes.split()}
"""Decimals of the currencies that do not have two. Source: ISO 4217, list one."""

MAX_MINOR = 10**13
"""Amounts stay below this many minor units (a hundred billion dollars), so that no sum over a shopper's orders or a
cart leaves the 64 bits that are stored."""

EXACT_BELOW = 1e11
"""Below it, `round(value * scale) / scale == value` proves that the decimal text has no more decimals than `scale`
(at most 10,000): decimal texts of up to 15 digits and their floats correspond one to one."""


def exponent(currency: str) -> int:
    """The number of decimals of a currency (ISO 4217 code in upper case): 2 unless `EXPONENTS` has it.

    >>> exponent("EUR"), exponent("JPY"), exponent("KWD"), exponent("UYW")
    (2, 0, 3, 4)
    """
    return EXPONENTS.get(currency, 2)


def exact(value: float) -> Fraction:
    """The exact value of a float's shortest decimal text.

    >>> exact(2.675)
    Fraction(107, 40)
    """
    return Fraction(repr(value))


class Converter:
    """Converter of amounts in any configured currency to the shop's minor units.

    Parameters
    ----------
    settings
        The shop's currency and the table of rates.

    Raises
    ------
    ValueError
        The table names the shop's own currency, or holds a rate that is not a positive decimal.
    """

    def __init__(self, settings: SharedSettings) -> None:
        self.currency = settings.currency.upper()
        self._scale = 10 ** exponent(self.currency)
        self._rates: dict[str, list[tuple[int, Fraction]]] = {}
        for entry in sorted(settings.rates, key=lambda entry: entry.since):
            code = entry.currency.upper()
            if code == self.currency:
                raise ValueError(f"the table of rates names the shop's own currency, {code}")
            self._rates.setdefault(code, []).append((entry.since, _rate(entry)))

    def amount(self, value: float, currency: str | None, e: int) -> int:
        """One amount of a message in the shop's minor units.

        Parameters
        ----------
        value
            In whole units of `currency`: finite, not negative.
        currency
            ISO 4217 code in any case; None or "" is the shop's.
        e
            Event time in ms: of the currency's rates the newest with `since` <= e holds.

        Raises
        ------
        ContractViolation
            `unknown_currency`: no rate holds at `e`. `wrong_type`: the amount reaches 10**13 minor units.

        Examples
        --------
        >>> dollars, dinars = Converter(SharedSettings()), Converter(SharedSettings(currency="KWD"))
        >>> dollars.amount(2.675, None, 0), dollars.amount(2.665, "usd", 0), dinars.amount(1.2345, "", 0)
        (268, 266, 1234)
        """
        if currency and currency != self.currency:
            rate = self._rate_at(currency, e)
            return _bounded(round(exact(value) * rate * self._scale))
        return _bounded(_minor_units(value, self._scale))

    def total(self, lines: Iterable[tuple[float, int]], currency: str | None, e: int) -> int:
        """The sum of price × quantity, rounded once, converted once; arguments and errors as for `amount`.

        >>> Converter(SharedSettings()).total([(2.675, 2), (0.005, 1)], None, 0)
        536
        """
        rate = self._rate_at(currency, e) if currency and currency != self.currency else None
        scale, units, rest = self._scale, 0, Fraction(0)
        for price, quantity in lines:
            whole = round(price * scale) if price < EXACT_BELOW else 0
            if whole / scale == price:
                units += whole * quantity
            else:
                rest += exact(price) * quantity
        if rate is None and not rest:
            return _bounded(units)
        return _bounded(round((Fraction(units, scale) + rest) * (1 if rate is None else rate) * scale))

    def _rate_at(self, currency: str, e: int) -> Fraction:
        """Units of the shop's currency for one unit of `currency`, at `e`."""
        code = currency.upper()
        if code == self.currency:
            return Fraction(1)
        entries = self._rates.get(code, [])
        at = bisect_right(entries, e, key=lambda entry: entry[0])
        if not at:
            raise ContractViolation(UNKNOWN_CURRENCY, f"no rate for {currency[:12]!r} on {day(e)}")
        return entries[at - 1][1]


def _minor_units(amount: float, scale: int) -> int:
    """An amount in units of 1 / `scale`, rounded half to even by its decimal text."""
    if amount < EXACT_BELOW:
        units = round(amount * scale)
        if units / scale == amount:
            return units
    return round(exact(amount) * scale)


def _rate(entry: Rate) -> Fraction:
    """The rate of an entry; ValueError unless it is a positive decimal of a sensible size."""
    try:
        value = Decimal(entry.rate)
    except InvalidOperation:
        value = Decimal("nan")
    if not (value.is_finite() and Decimal("1e-15") <= value <= Decimal("1e15")):
        raise ValueError(f"the rate of {entry.currency} is not a positive decimal: {entry.rate!r}")
    return Fraction(value)


def _bounded(amount: int) -> int:
    """The amount itself, in minor units, if it is below `MAX_MINOR`."""
    if amount >= MAX_MINOR:
        raise ContractViolation(WRONG_TYPE, "the amount reaches 10**13 minor units")
    return amount
