"""Money, against Decimal: half-even by the decimal text, summed and converted exactly."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.decoding.money import MAX_MINOR, Converter
from models.decoding.rejections import ContractViolation
from models.features import ShopSettings
from models.kernel.settings import Rate
from tests.models.messages import SETTINGS, E

EXPONENTS = {"USD": 2, "JPY": 0, "KWD": 3, "UYW": 4}


def decimal_minor(amount: Decimal, exponent: int, rate: str = "1") -> int:
    """The same by the decimal module."""
    with localcontext() as context:
        context.prec = 1000
        return int((amount * Decimal(rate)).scaleb(exponent).to_integral_value(ROUND_HALF_EVEN))


def comes_to(amount: Callable[[], int], units: int) -> None:
    """The amount is exactly this, or refused where it is out of bounds."""
    if units < MAX_MINOR:
        assert amount() == units
    else:
        with pytest.raises(ContractViolation, match="reaches"):
            amount()


AMOUNTS = st.decimals(0, 10**12, allow_nan=False, allow_infinity=False, places=6) | st.decimals(0, 1000, places=3)


def converted(amount: float, currency: str) -> Callable[[], int]:
    """An amount in the shop's own currency."""
    return lambda: Converter(ShopSettings(currency=currency)).amount(amount, None, E)


@given(AMOUNTS, st.sampled_from(sorted(EXPONENTS)))
@example(Decimal("2.675"), "USD")
@example(Decimal("0.125"), "USD")
@example(Decimal("1.005"), "USD")
@example(Decimal("0.5"), "JPY")
@example(Decimal("1.5"), "JPY")
@example(Decimal("99999999999.99"), "USD")
def test_amounts_are_half_even_by_the_text(amount: Decimal, currency: str) -> None:
    number = json.loads(str(amount), parse_int=float)
    comes_to(converted(number, currency), decimal_minor(Decimal(repr(number)), EXPONENTS[currency]))


@given(st.integers(0, MAX_MINOR - 1), st.sampled_from(sorted(EXPONENTS)))
def test_whole_minor_units_come_through(units: int, currency: str) -> None:
    text = str(Decimal(units).scaleb(-EXPONENTS[currency]))
    assert converted(float(text), currency)() == units


@given(st.floats(0, 1e11) | st.floats(0, allow_nan=False, allow_infinity=False))
def test_any_float(number: float) -> None:
    comes_to(converted(number, "USD"), decimal_minor(Decimal(repr(number)), 2))


RATES = st.decimals("0.000001", 10**6, places=8).map(str)
LINES = st.lists(st.tuples(st.decimals(0, 10**4, places=4) | st.decimals(0, 10**4, places=2), st.integers(0, 50)))


@given(LINES, RATES, st.sampled_from(["USD", "JPY", "KWD"]))
@example([(Decimal("0.005"), 1), (Decimal("0.01"), 3)], "1", "USD")
@example([(Decimal("808004081445650.0"), 1)], "0.00001", "KWD")  # where floats of minor units are not exact
def test_totals_round_once(lines: list[tuple[Decimal, int]], rate: str, shop: str) -> None:
    converter = Converter(ShopSettings(currency=shop, rates=(Rate("EUR", rate),)))
    exact = sum((Decimal(repr(float(price))) * quantity for price, quantity in lines), Decimal(0))
    floats = [(float(price), quantity) for price, quantity in lines]
    own = decimal_minor(exact, EXPONENTS[shop])
    comes_to(lambda: converter.total(floats, None, E), own)
    comes_to(lambda: converter.total(floats, shop.lower(), E), own)
    comes_to(lambda: converter.total(floats, "EUR", E), decimal_minor(exact, EXPONENTS[shop], rate))


@given(AMOUNTS.filter(lambda amount: amount < 10**6), RATES, st.sampled_from(["USD", "JPY", "KWD"]))
@example(Decimal("1.15"), "0.1", "USD")
@example(Decimal("2.5"), "1", "JPY")
@example(Decimal("999999.99"), "1000000", "KWD")
def test_conversion_rounds_once(amount: Decimal, rate: str, shop: str) -> None:
    converter = Converter(ShopSettings(currency=shop, rates=(Rate("eur", rate),)))
    units = decimal_minor(Decimal(repr(float(amount))), EXPONENTS[shop], rate)
    comes_to(lambda: converter.amount(float(amount), "EUR", E), units)


@pytest.mark.parametrize(
    ("currency", "e", "units"),
    [
        (None, E, 1000),
        ("", E, 1000),
        ("CNY", E, 1000),
        ("cny", E, 1000),
        ("USD", E - 1, 7100),
        ("USD", E, 7250),
        ("usd", E + 1, 7250),
        ("JPY", E, 46),  # 10 yen at .0463
        ("KWD", E + 1, 23500),
    ],
)
def test_the_newest_entry_valid_at_e(currency: str | None, e: int, units: int) -> None:
    converter = Converter(SETTINGS)
    assert converter.amount(10.0, currency, e) == converter.total([(2.5, 4)], currency, e) == units


@pytest.mark.parametrize(
    ("currency", "e"), [("KWD", E), ("EUR", E), ("US", E), ("dollars", E), (" USD", E), ("USD", -1)]
)
def test_no_entry(currency: str, e: int) -> None:
    for refused in (lambda c: c.amount(1.0, currency, e), lambda c: c.total([], currency, e)):
        with pytest.raises(ContractViolation, match="unknown_currency"):
            refused(Converter(SETTINGS))


def test_amounts_have_a_bound() -> None:
    converter = Converter(SETTINGS)
    assert converter.amount(99_999_999_999.99, None, E) == MAX_MINOR - 1
    for amount in (100_000_000_000.0, 1e300):
        with pytest.raises(ContractViolation, match="wrong_type"):
            converter.amount(amount, None, E)
        with pytest.raises(ContractViolation, match="wrong_type"):
            converter.total([(amount / 2, 1), (amount / 2, 1)], None, E)


@pytest.mark.parametrize("rate", ["", "x", "0", "-1", "NaN", "sNaN", "inf", "1e999999"])
def test_a_wrong_rate_stops_the_start(rate: str) -> None:
    with pytest.raises(ValueError, match="not a positive decimal"):
        Converter(ShopSettings(rates=(Rate("EUR", rate),)))


def test_the_shops_currency_needs_no_rate() -> None:
    with pytest.raises(ValueError, match="shop's own"):
        Converter(ShopSettings(currency="USD", rates=(Rate("usd", "1"),)))
