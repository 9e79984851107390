"""Reasons that the engine gives, for people: amounts as money, and in the reader's language where the reason is known.

A reason is known by its text with numbers for numbers: "3 items left for 30 min" is "{0} items left for {1} min".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dashboard.words.catalog import message

if TYPE_CHECKING:
    from dashboard.words.words import Words

KNOWN = (
    message("{0} item left for {1} min without an order"),
    message("{0} items left for {1} min without an order"),
    message("{0} item left for {1} h without an order"),
    message("{0} items left for {1} h without an order"),
    message("ordered after the trigger"),
    message("ordered before the trigger"),
    message("ordered: the order is the recovery of another reminder"),
    message("consent withdrawn"),
    message("no order within the window"),
    message("given up: too many carts are open"),
    message("no order for {0} times the usual gap"),
    message("ordered again"),
    message("no valid order left"),
    message("{0} sure not to order within {1} d: no order for {2} d, usually every {3} d (shop: {4} d)"),
    message("no order for {0} d, usually every {1} d (shop: {2} d)"),
    message("{0} order in {1} d (shop: {2} in as long)"),
    message("{0} orders in {1} d (shop: {2} in as long)"),
    message("typical order of {0} of the shop's"),
    message("typical order not known"),
    message("R {0} F {1} M {2}: last order today, {3} in all"),
    message("R {0} F {1} M {2}: last order {3} d ago, {4} in all"),
    message("R {0} F {1} M {2} by fixed cuts: last order today, {3} in all"),
    message("R {0} F {1} M {2} by fixed cuts: last order {3} d ago, {4} in all"),
    message("M {0}: spent {1}, decayed"),
    message("expected to spend {0} within a year"),
    message("first seen today, last seen today"),
    message("first seen {0} d ago, last seen today"),
    message("first seen {0} d ago, last seen {1} d ago"),
    message("looked at the same product {0} times without a cart"),
    message("something went into a cart"),
    message("affinity {0}"),
    message("half of such orders come {0} to {1} d after the last, which was {2} d ago"),
    message("{0} order, the last {1} d ago"),
    message("{0} orders, the last {1} d ago"),
    message("{0} of {1} valid orders with a coupon or discount"),
    message("something of {0} of {1} orders refunded"),
    message("{0} of {1} orders on a Saturday or Sunday"),
    message("the newest order is {0} times the usual one, score {1}"),
    message("{0} events within a minute"),
    message("expired: not seen for {0} d"),
)
"""What is translated; any other reason is shown as the engine wrote it."""

WHY = {
    "consent": message("no consent"),
    "unidentified": message("not identified"),
    "stale": message("too late to be of use"),
    "holdout": message("held out, to compare with"),
    "cap": message("had enough messages lately"),
    "active": message("the shopper was still here"),
    "quiet": message("quiet hours where the shopper is"),
}
"""Reasons that are one word, for programs: why a message was suppressed, or put off."""

_MINOR = re.compile(r"(-?\d+) in ([A-Z]{3}) minor units")
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)*%?")


def told(words: Words, text: str) -> str:
    """The reason as `words` tells it."""
    if text in WHY:
        return words(WHY[text])
    values: list[str] = []

    def put(value: str) -> str:
        values.append(value)
        return f"{{{len(values) - 1}}}"

    marked = _MINOR.sub(lambda found: f"\0{words.money(int(found[1]), found[2])}\0", text)
    parts = marked.split("\0")
    for place, part in enumerate(parts):
        parts[place] = put(part) if place % 2 else _NUMBER.sub(lambda found: put(found[0]), _braces(part))
    key = "".join(parts)
    found = words.get(key) or key
    try:
        return found.format(*values)
    except (IndexError, KeyError, ValueError):
        return text


def _braces(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
