"""`kairos profile`: one shopper, as a story: the sentences and the timeline that the page shows too."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from rich.console import Console

from dashboard.answers.shopper import Shopper
from dashboard.answers.story import happened, story
from dashboard.words import Words
from kairos.terminal.lines import say, say_json
from kairos.terminal.times import iso


def show(console: Console, shopper: Shopper, zone: str, *, as_json: bool = False) -> None:
    """Print what is known of a shopper. Nothing in it is taken as markup.

    Parameters
    ----------
    zone
        The shop's time zone, in which days are told.
    as_json
        All that is stored, with how the shopper usually orders and what the churn model expects, as one JSON object;
        times in ms, money in minor units.
    """
    if as_json:
        say_json(msgspec.json.encode({**shopper.profile, "usual": shopper.usual, "churn": shopper.churn}))
        return
    for line in _lines(shopper, Words("en", zone)):
        say(console, line)


def _lines(shopper: Shopper, words: Words) -> Iterator[str]:
    yield shopper.user_id
    yield from (f"  {sentence}" for sentence in story(shopper, words))
    for cart in shopper.carts:
        yield f"in cart {cart.cart_id}"
        for product, quantity, price in cart.lines:
            at = "" if price is None else f" at {words.money(price, shopper.currency)}"
            yield f"  {quantity} × {product}{at}"
    yield "what happened"
    for each in shopper.timeline:
        yield f"  {iso(each.at):<24}  {happened(each, shopper.currency, words)}"
    if shopper.tags:
        yield "tags"
    for held in shopper.tags:
        reason = f"  {words.reason(held.reason)}" if held.reason else ""
        yield f"  {iso(held.since):<24}  {held.tag}{reason}"
    yield f"as of {iso(shopper.as_of)}; --json has all that is stored"
