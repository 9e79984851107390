"""One shopper: a card that tells a story, from what is known and what was said lately."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from dashboard.shop import ShopView
from models.churn.outlook import Outlook
from models.orders.order import AWAITED, CANCELLED
from models.profile.usual import Usual
from sinks import read_model
from sinks.store import ReadModel

LATEST = 50
"""Messages, and moments of the timeline, that are told at most."""


Kind = Literal[
    "came", "last_seen", "looked", "left", "bought", "refunded", "reminded", "recovered", "given_up", "alerted",
    "cleared", "tag",
]  # fmt: skip


class Happened(Struct, frozen=True):
    """Something that happened: when (event time, ms), what kind, and for `bought` and `left` how much (minor units;
    None: not known). `detail` is a name, a reason or an id, as the kind says."""

    at: int
    kind: Kind
    amount: int | None = None
    detail: str = ""


class Held(Struct, frozen=True):
    """A tag the shopper holds: since when, and why, where the feed still has the message."""

    tag: str
    since: int
    reason: str


class OpenCart(Struct, frozen=True):
    """An open cart: its lines as (product, pieces, price of one or None), value; when it was changed, reminded of and
    brought to a checkout (0: never, or an order has come since)."""

    cart_id: str
    lines: tuple[tuple[str, int, int | None], ...]
    value: int
    changed: int
    reminded: int
    checkout: int = 0


class Shopper(Struct, frozen=True, kw_only=True):
    """The card.

    Attributes
    ----------
    segment, stage
        Their names; "" if the shopper is in none.
    tags
        All others, the newest first.
    timeline
        What happened, newest first.
    profile
        All that is stored, decoded (as ``kairos profile --json``).
    messages
        The newest messages about the shopper that the feed still has, newest first, as they were sent.
    """

    user_id: str
    as_of: int
    currency: str
    segment: str
    stage: str
    tags: tuple[Held, ...]
    carts: tuple[OpenCart, ...]
    timeline: tuple[Happened, ...]
    usual: Usual | None
    churn: Outlook | None
    messages: tuple[dict[str, Any], ...]
    profile: dict[str, Any]


def shopper(reader: ReadModel, user: str, shop: ShopView) -> Shopper | None:
    """The card of a shopper, None if nothing is known of one.

    Parameters
    ----------
    reader
        Asked for this shopper's profile and shard; it may raise `sinks.store.StoreError`.
    """
    settings = shop.settings
    profile = read_model.profile(reader, user, settings)
    if profile is None:
        return None
    messages = tuple(reversed(read_model.messages(reader, user, profile["shard"])))[:LATEST]
    return Shopper(
        user_id=user,
        as_of=read_model.event_time(reader, profile["shard"]),
        currency=settings.currency,
        segment=profile.get("buyer", {}).get("segment", ""),
        stage=profile.get("stage", ""),
        tags=_held(profile, messages),
        carts=tuple(cart for name, held in profile["carts"].items() if (cart := _cart(profile, name, held)).lines),
        timeline=timeline(profile, messages),
        usual=read_model.usual(reader, user, settings),
        churn=read_model.churn_outlook(reader, user, settings),
        messages=messages,
        profile=profile,
    )


def _held(profile: Mapping[str, Any], messages: Sequence[Mapping[str, Any]]) -> tuple[Held, ...]:
    """Tags, segment and stage, each with the reason of the message that told of it, the newest first."""
    entered = {
        message["tag"]: message["reason"] for message in reversed(messages) if message["kind"] == "entered"
    }  # the newest wins
    held = dict(profile["tags"])
    for name, source in (("segment", profile.get("buyer", {})), ("stage", profile)):
        if value := source.get(name):
            held[f"{name}:{value}"] = source[f"{name}_since"]
    newest = sorted(held.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Held(tag, since, entered.get(tag, "")) for tag, since in newest)


def _cart(profile: Mapping[str, Any], name: str, held: Mapping[str, Any]) -> OpenCart:
    lines = tuple((line["product_id"], line["quantity"], line.get("price")) for line in held["products"])
    changed = max([*(operation[0] for operation in held["operations"]), held["base"] or 0], default=0)
    sent = [at for *_, arm, said in held["open"] if arm == "treated" for _, at in said]
    checkout = held["checkout"] if held["checkout"] > profile["cleared"] else 0
    return OpenCart(name, lines, held["value"], changed, max(sent, default=0), checkout)


def timeline(profile: Mapping[str, Any], messages: Iterable[Mapping[str, Any]]) -> tuple[Happened, ...]:
    """What happened, newest first: of the profile what it remembers, of the rest what the feed still has.

    Parameters
    ----------
    profile
        As `models.profile.describe` has it.
    messages
        About the shopper, as they were sent.
    """
    found = [Happened(profile["first"], "came"), Happened(profile["last"], "last_seen")]
    if profile["looked"]:
        found.append(Happened(profile["looked"], "looked"))
    for _, at, amount, refunded, flags, *_ in profile.get("buyer", {}).get("ring", ()):
        if not flags & AWAITED:
            found.append(Happened(at, "bought", amount if amount >= 0 else None))
        if refunded or flags & CANCELLED:
            found.append(Happened(at, "refunded", refunded or None))
    for name, held in profile["carts"].items():
        cart = _cart(profile, name, held)
        if cart.lines:
            found.append(Happened(cart.changed, "left", cart.value, name))
    for message in messages:
        found += _told(message)
    return tuple(sorted(set(found), key=lambda each: (-each.at, each.kind))[:LATEST])


TOLD: dict[str, Kind] = {
    "triggered": "reminded",
    "recovered": "recovered",
    "expired": "given_up",
    "raised": "alerted",
    "cleared": "cleared",
}


def _told(message: Mapping[str, Any]) -> list[Happened]:
    kind, at = message["kind"], message["as_of"]
    if kind == "entered":
        return [Happened(at, "tag", None, message["tag"])]
    if kind not in TOLD:
        return []
    return [Happened(at, TOLD[kind], message.get("value") or message.get("value_at_stake"), message["reason"])]
