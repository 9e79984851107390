"""A shopper's story: sentences for people, the most important first. The page and `kairos profile` tell the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dashboard.answers.reach import reach
from dashboard.answers.shopper import Happened, Shopper
from dashboard.words import Words
from models.churn.outlook import Outlook
from models.kernel.settings import DAY
from models.profile.usual import Usual

AHEAD = (28, 56, 84)
"""Days of the no-purchase path that are named."""


def story(shopper: Shopper, words: Words) -> tuple[str, ...]:
    """The sentences about a shopper, in the reader's language."""
    parts = (
        _who(shopper, words),
        _habits(shopper, words),
        _carts(shopper, words),
        reach(shopper.profile, shopper.as_of, words),
        _usual(shopper, words),
        _ahead(shopper, words),
    )
    return tuple(sentence for part in parts for sentence in part)


def happened(each: Happened, currency: str, words: Words) -> str:
    """A moment of the timeline, in words."""
    text = words.happened(each.kind)
    if each.kind == "tag":
        return words("{what}: {tag}", what=text, tag=words.tag(each.detail))
    if each.amount is not None:
        text = words("{what}: {money}", what=text, money=words.money(each.amount, currency))
    told = each.kind != "left" and each.detail
    return words("{what} ({reason})", what=text, reason=words.reason(each.detail)) if told else text


def _who(shopper: Shopper, words: Words) -> Iterator[str]:
    profile, as_of = shopper.profile, shopper.as_of
    buyer = profile.get("buyer", {})
    since = words.day(profile["first"])
    visits = words.plural("{n} visit", "{n} visits", profile["visits"])
    seen = words.ago(profile["last"], as_of)
    if valid := buyer.get("valid"):
        yield words(
            "{orders} for {money} in all, the last one {ago} ({day}).",
            orders=words.plural("{n} order", "{n} orders", valid),
            money=words.money(buyer["net"], shopper.currency),
            ago=words.ago(buyer["last"], as_of),
            day=words.day(buyer["last"]),
        )
        yield words("Known since {day}: {visits}, last seen {ago}.", day=since, visits=visits, ago=seen)
    else:
        yield words(
            "Has not ordered; known since {day}: {visits}, last seen {ago}.",
            day=since,
            visits=visits,
            ago=seen,
        )
    for name, source in (("segment", buyer), ("stage", profile)):
        if value := source.get(name):
            yield words("{tag}, since {day}.", tag=words.tag(f"{name}:{value}"), day=words.day(source[f"{name}_since"]))
    if profile["bot"]:
        yield words("Sent too many events within a minute for a person: clicks are no longer counted.")


def _habits(shopper: Shopper, words: Words) -> Iterator[str]:
    """When and how the shopper comes, and for what: by the tags held."""
    held: dict[str, list[str]] = {}
    for tag in shopper.tags:
        family, _, value = tag.tag.partition(":")
        held.setdefault(family, []).append(value)
    if when := [words.segment(day) for day in held.get("active_weekday", ())]:
        yield words("Comes on {day} mostly.", day=when[0])
    if hours := held.get("active_hour"):
        yield words("Comes between {hour}:00 and {hour}:59 mostly, by the shopper's own clock.", hour=hours[0])
    if ways := [*held.get("device", ()), *held.get("channel", ())]:
        yield words("Comes by {ways} mostly.", ways=words.listed(ways))
    if interests := held.get("interest"):
        yield words("Looks at {categories} most.", categories=words.listed(interests))


def _carts(shopper: Shopper, words: Words) -> Iterator[str]:
    for cart in sorted(shopper.carts, key=lambda cart: -cart.changed):
        pieces = sum(quantity for _, quantity, _ in cart.lines)
        told = {
            "items": words.plural("{n} item", "{n} items", pieces),
            "money": words.money(cart.value, shopper.currency),
            "changed": words.ago(cart.changed, shopper.as_of),
        }
        if cart.reminded:
            reminded = words.ago(cart.reminded, shopper.as_of)
            yield words("{items} worth {money} in a cart, changed {changed}; reminded {ago}.", ago=reminded, **told)
        else:
            yield words("{items} worth {money} in a cart, changed {changed}; not reminded.", **told)
        if cart.checkout:
            yield words("Went to the checkout with it {ago}.", ago=words.ago(cart.checkout, shopper.as_of))


def _usual(shopper: Shopper, words: Words) -> Iterator[str]:
    usual: Usual | None = shopper.usual
    if usual is None:
        return
    if basket := usual.basket:
        own, shop = (None if n is None else words.money(n, shopper.currency) for n in (basket.median, basket.shop))
        if shop is None:
            yield words("A typical order is estimated at {own}.", own=own)
        else:
            yield words(
                "A typical order is estimated at {own}, between the own orders and the shop's typical {shop}.",
                own=own,
                shop=shop,
            )
    if gap := usual.gap_days:
        own, shop = (None if days is None else words.lasts(round(days * DAY)) for days in (gap.median, gap.shop))
        if shop is None:
            yield words("The time between orders is estimated at {own}.", own=own)
        else:
            yield words(
                "The time between orders is estimated at {own}, between the own gaps and the shop's typical {shop}.",
                own=own,
                shop=shop,
            )
    if (found := usual.discounts).discounted:
        yield words(
            "{discounted} of {orders} orders with a discount (the shop: {shop}).",
            discounted=words.number(found.discounted),
            orders=words.number(found.orders),
            shop=words.percent(found.shop),
        )


def _ahead(shopper: Shopper, words: Words) -> Iterator[str]:
    churn: Outlook | None = shopper.churn
    if churn is None:
        return
    yield words(
        "The risk of no order within {days} days is {risk}; right after the last order it was {before}.",
        risk=words.percent(churn.risk),
        days=churn.horizon_days,
        before=words.percent(churn.risk_after_order),
    )
    path: Mapping[int, float] = dict(churn.path)
    if steps := [(days, path[days]) for days in AHEAD if days in path]:
        told = [words("{risk} in {days} days", risk=words.percent(risk), days=days) for days, risk in steps]
        yield words("If nothing is bought: {path}.", path=words.listed(told))
    for reason in churn.reasons:
        yield words("Because: {reason}.", reason=words.reason(reason))
    if churn.expected_next_order > shopper.as_of:
        yield words("If an order comes, then about {day}.", day=words.day(churn.expected_next_order))
    yield words(
        "Expected within a year: {orders} orders worth {money}.",
        orders=words.number(churn.expected_orders_365d, 1),
        money=words.money(churn.value_next_year, shopper.currency),
    )
    if churn.provisional:
        yield words("The model has not beaten its baseline in this shop yet.")
