"""`kairos profile`: one shopper, as stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from rich.console import Console

from kairos.terminal.lines import say, say_json
from kairos.terminal.times import iso
from models.churn.outlook import Outlook
from models.decoding.event_time import EARLIEST
from models.decoding.money import exponent
from models.profile.usual import Typical, Usual

INTERNAL = {"clicks", "acts", "ring", "changes", "burst", "views"}
"""Of use to the engine and to tests; shown as JSON only."""
LOGS = {"log_gap", "log_gap_variance", "log_basket", "log_basket_variance"}
"""Fields of ``buyer`` that are shown as JSON only: for people they are in the sentences about what is usual."""
LATEST = 4_102_444_800_000
"""2100-01-01. Amounts of money (minor units) are far below the first time, hashes far above this one."""


def show(
    console: Console,
    profile: Mapping[str, Any],
    outlook: Outlook | None = None,
    usual: Usual | None = None,
    *,
    currency: str = "",
    as_json: bool = False,
) -> None:
    """Print a profile, for people or as one JSON object. Nothing in it is taken as markup.

    Parameters
    ----------
    outlook
        What the churn model expects; None: nothing.
    usual
        How the shopper usually orders; None: not known.
    currency
        The shop's.
    """
    if as_json:
        say_json(msgspec.json.encode({**profile, "usual": usual, "churn": outlook}))
        return
    shown = {name: value for name, value in profile.items() if name not in INTERNAL}
    if "buyer" in shown:
        shown["buyer"] = {name: value for name, value in shown["buyer"].items() if name not in LOGS}
    for line in _lines(shown, 0):
        say(console, line)
    if usual is not None:
        for line in _usual(usual, currency):
            say(console, line)
    if outlook is not None:
        for line in _expected(outlook, currency):
            say(console, line)


def _usual(found: Usual, currency: str) -> Iterator[str]:
    """How a buyer usually orders, in sentences."""
    yield "usually"
    if found.basket is not None:
        yield f"  orders for {_typical(found.basket, lambda amount: _money(amount, currency))}"
    if found.gap_days is not None:
        yield f"  orders again after {_typical(found.gap_days, lambda days: f'{days:.0f} d')}"
    d = found.discounts
    own = f"{d.discounted} of {d.orders} orders with a discount, expected share {d.expected:.0%} ± {d.deviation:.0%}"
    yield f"  {own} (shop: {d.shop:.0%}, by {d.shop_orders:,} orders)"


def _money(amount: float, currency: str) -> str:
    """An amount in minor units, with the decimals of the shop's currency."""
    decimals = exponent(currency)
    return f"{amount / 10**decimals:,.{decimals}f} {currency}".rstrip()


def _typical(found: Typical, shown: Callable[[float], str]) -> str:
    within = "" if found.within is None else ", two of three between {} and {}".format(*map(shown, found.within))
    return shown(found.median) + within + ("" if found.shop is None else f" (shop: {shown(found.shop)})")


def _expected(outlook: Outlook, currency: str) -> Iterator[str]:
    """The outlook in sentences."""
    judge = f"by {outlook.model}" + (", which has not beaten its baseline here yet" if outlook.provisional else "")
    yield f"churn {judge}, as of {iso(outlook.as_of)}"
    within = f"within {outlook.horizon_days} d"
    yield f"  {outlook.risk:.0%} sure not to order {within}; right after the last order: {outlook.risk_after_order:.0%}"
    ahead = ", ".join(f"in {days} d {risk:.0%}" for days, risk in outlook.path[1:])
    yield f"  if nothing is bought: {ahead}"
    for reason in outlook.reasons:
        yield f"  because: {reason}"
    yield f"  if an order comes {within}, then as likely as not by {iso(outlook.expected_next_order)}"
    orders = f"{outlook.expected_orders_90d:g} orders in 90 d, {outlook.expected_orders_365d:g} in a year"
    yield f"  expected: {orders}, worth {_money(outlook.value_next_year, currency)} in that year"


def _lines(value: Mapping[str, Any], depth: int) -> list[str]:
    lines: list[str] = []
    for name, inner in value.items():
        head = f"{'  ' * depth}{name}"
        if isinstance(inner, Mapping) and inner:
            lines += [head, *_lines(inner, depth + 1)]
        elif _is_list(inner) and any(_is_list(item) for item in inner):
            lines += [head, *(f"{'  ' * depth}  {_shown(item)}" for item in inner)]
        else:
            lines.append(f"{head:<24} {_shown(inner)}")
    return lines


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _shown(value: Any) -> str:
    """A value in one line: a whole number in the range of times is one, nothing is a dash."""
    if _is_list(value):
        return ", ".join(map(_shown, value)) or "-"
    if isinstance(value, int) and EARLIEST <= value < LATEST:
        return iso(value)
    return "-" if value is None or value in ("", {}) else str(value)
