"""What the engine said and counted, in the words of the reference, so that the two can be compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from sinks.outputs import Message
from tests.reference.history import Line, Said, Score
from tests.reference.shopper import Shopper
from tests.reference.world import World
from tests.topics import CART_ABANDONMENTS, CHURN_ALERTS, DEAD_LETTERS, USER_TAGS

COUNTS = {
    "events": "events",
    "applied": "applied",
    "duplicates": "duplicate",
    "dead_letters": "dead_letters",
    "orders": "orders",
    "orders_discounted": "orders_discounted",
    "orders_full_price": "orders_full_price",
    "order_conflict": "order_conflict",
    "bot_skipped": "bot_skipped",
    "carts_closed": "carts_closed",
    "shoppers_expired": "shoppers_expired",
    "ticks": "ticks",
    "late": "late",
    "history_skipped": "history_skipped",
    "churn_held": "churn_held",
    "reminders_dropped": "reminders_dropped",
}
"""Names of counters: the engine's, the reference's."""

WITHDRAWN = "consent withdrawn"

Told = dict[tuple[str, str, object], list[Said]]
"""Outputs by topic, shopper and what they are about, in order."""


def distinct(messages: Iterable[Message]) -> list[tuple[str, dict[str, Any]]]:
    """Topic and content of every output once, in the order they came first. A repeat must be identical. (Records that
    are forwarded are no outputs.)"""
    first: dict[tuple[str, str], bytes] = {}
    for message in (message for message in messages if message.partition is None):
        content = msgspec.json.decode(message.value)
        same = first.setdefault((message.topic, content["id"]), message.value)
        assert same == message.value, f"two different messages with one id: {same!r}, {message.value!r}"
    return [(topic, msgspec.json.decode(value)) for (topic, _), value in first.items()]


def told_by_engine(messages: Iterable[Message]) -> Told:
    """Outputs as the reference puts them; retracted ids are looked up."""
    contents = distinct(messages)
    abouts = {content["id"]: about(topic, content) for topic, content in contents}
    told: Told = defaultdict(list)
    for topic, content in contents:
        user = content.get("user_id") or ""
        cart = topic == CART_ABANDONMENTS
        said = Said(
            topic,
            content["kind"],
            user,
            abouts[content["id"]],
            content["as_of"],
            tuple(abouts[retracted] for retracted in content.get("retract", ())),
            content.get("value", 0) if cart else 0,
            tuple(sorted(map(line, content.get("products", ())))),
            content.get("order_at"),
            arm=content.get("arm"),
            stage=content.get("stage", "cart"),
            channels=tuple(content.get("channels", ())),
            expires=content.get("expires_at"),
            reason=reason(topic, content),
        )
        if topic == USER_TAGS:
            score = Score(content["score"]) if "score" in content and said.kind == "entered" else None
            forgotten = content["reason"].startswith("expired: ")
            said = said._replace(since=content["since"], table=content.get("table"), score=score, forgotten=forgotten)
        told[key(said)].append(said)
    return told


def reason(topic: str, content: Mapping[str, Any]) -> str:
    """The reason of what asks for action, or is taken back since it may not any more; else none is compared."""
    if topic == CART_ABANDONMENTS and content["kind"] == "triggered":
        return str(content["reason"])
    return str(content["reason"]) if content["kind"] == "suppressed" or content["reason"] == WITHDRAWN else ""


def line(content: Mapping[str, Any]) -> Line:
    """A line of a cart in a message: product, variant, sku, quantity."""
    return content["product_id"], content.get("variant", ""), content.get("sku", ""), content["quantity"]


def key(said: Said) -> tuple[str, str, object]:
    """What belongs together: the generations of one cart, a shopper's alerts, the changes of all tags of a shopper.

    (Several favourite categories are held at once. They may change in any order, each by itself.)
    """
    match said.about:
        case (cart, *_) if said.topic == CART_ABANDONMENTS:
            return said.topic, said.user, cart
        case str(tag) if tag.startswith("interest:"):
            return said.topic, said.user, tag
    return said.topic, said.user, None


def about(topic: str, content: Mapping[str, Any]) -> object:
    """What one output is about."""
    match topic:
        case _ if topic == USER_TAGS:
            return content["tag"]
        case _ if topic == CHURN_ALERTS:
            return content["last_order"]
        case _ if topic == CART_ABANDONMENTS:
            return (content["cart_id"], content["anchor"], content["step"])
        case _ if topic == DEAD_LETTERS:
            return (content["code"], content["topic"], content["offset"])
    raise AssertionError(topic)


def told_by_reference(world: World) -> Told:
    """Outputs of the reference in the same shape. A shopper forgotten and back may be told the same thing again."""
    told: Told = defaultdict(list)
    for said in world.said:
        if said.topic == USER_TAGS or said not in told[key(said)]:
            told[key(said)].append(said)
    return told


def counts_of_reference(world: World) -> dict[str, int]:
    """Counters by the engine's names, those that are not 0."""
    counts = {theirs: world.counts[ours] for theirs, ours in COUNTS.items()}
    counts |= {
        name: n
        for name, n in world.counts.items()
        if name.startswith(("dead:", "forwarded", "trials:", "conversions:"))
    }
    counts["shoppers"] = len(world.shoppers)
    counts["revenue:" + world.settings.currency] = world.revenue
    for said in world.said:
        counts[f"out:{said.topic}:{said.kind}"] = counts.get(f"out:{said.topic}:{said.kind}", 0) + 1
    counts |= {name: n for name, n in world.counts.items() if name.startswith("visits:")}
    for shopper in world.shoppers.values():
        levels = (dict.fromkeys(shopper.tags, 1), shopper.carts.levels(shopper.history), buyer_levels(shopper))
        for name, n in (each for found in levels for each in found.items()):
            counts[name] = counts.get(name, 0) + n
    return {name: n for name, n in counts.items() if n}


def buyer_levels(shopper: Shopper) -> dict[str, int]:
    """Where a buyer is in the R-F grid, with all that was spent; and whether an alert about the buyer stands."""
    found = {"alerts_standing": int(alerted(shopper))}
    if shopper.scores:
        cell = shopper.scores // 10
        found |= {f"rf:{cell}": 1, f"rf_value:{cell}": shopper.book.net}
    return found


def alerted(shopper: Shopper) -> bool:
    """Whether an alert about a shopper stands that was raised aloud."""
    return shopper.alert is not None and not shopper.silent


def at_stake(messages: Iterable[Message], world: World) -> int:
    """What is at stake by the alerts that stand: by the newest about each shopper."""
    said = {content["user_id"]: content for topic, content in distinct(messages) if topic == CHURN_ALERTS}
    return sum(said[user]["value_at_stake"] for user, shopper in world.shoppers.items() if alerted(shopper))


def counts_of_engine(stats: Mapping[str, str], names: Iterable[str]) -> dict[str, int]:
    """The engine's counters of these names, those that are not 0."""
    return {name: n for name in names if (n := int(stats.get(name, "0")))}
