"""`kairos profile` writes money with the decimals of the shop's currency."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from kairos.commands import profile
from models.churn.outlook import Outlook

OUTLOOK = Outlook(
    as_of=1_700_000_000_000, model="model/20231114", provisional=False, horizon_days=90, risk=0.5, risk_after_order=0.2,
    path=((0, 0.5), (14, 0.6)), expected_next_order=1_701_000_000_000, expected_orders_90d=1.0,
    expected_orders_365d=4.0, value_next_year=1_234_567, reasons=("no order for 9 d",),
)  # fmt: skip


@pytest.mark.parametrize(
    ("currency", "written"), [("USD", "12,345.67 USD"), ("JPY", "1,234,567 JPY"), ("KWD", "1,234.567 KWD")]
)
def test_money_has_the_decimals_of_its_currency(currency: str, written: str) -> None:
    out = io.StringIO()
    profile.show(Console(file=out, width=200), {"user": "u1"}, OUTLOOK, currency=currency)
    assert out.getvalue().splitlines()[-1].endswith(f"worth {written} in that year")
