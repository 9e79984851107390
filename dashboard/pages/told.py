"""Messages of the feed, as people are told of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from msgspec import Struct

from dashboard.answers.feed import Item
from dashboard.words import Words
from models.features import SHOPPERS
from models.kernel.outputs import DEAD_LETTERS, USER_TAGS

SHOWN = 40
"""Messages on the page."""

LOOKS = {
    ("cart-abandonments", "triggered"): ("cart", "attention"),
    ("cart-abandonments", "recovered"): ("check", "good"),
    ("cart-abandonments", "suppressed"): ("quiet", "plain"),
    ("cart-abandonments", "cancelled"): ("back", "plain"),
    ("cart-abandonments", "expired"): ("clock", "plain"),
    ("churn-alerts", "raised"): ("alert", "attention"),
    ("churn-alerts", "suppressed"): ("quiet", "plain"),
    ("churn-alerts", "cleared"): ("check", "good"),
}
"""Icon and tone by topic and kind; of any other a tag's."""
HAPPENED = {
    "came": "door",
    "last_seen": "eye",
    "looked": "eye",
    "left": "cart",
    "bought": "money",
    "refunded": "back",
    "reminded": "mail",
    "recovered": "check",
    "given_up": "clock",
    "alerted": "alert",
    "cleared": "check",
}
"""Icons of a shopper's timeline."""


class Told(Struct, frozen=True):
    """A message: its id, icon and tone, what it is, why, an amount ("": none), whose, and when (event time, ms)."""

    id: str
    icon: str
    tone: str
    what: str
    why: str
    amount: str
    user: str | None
    at: int


def told(topic: str, message: Mapping[str, Any], words: Words) -> Told:
    """One message."""
    kind = message["kind"]
    icon, tone = LOOKS.get((topic, kind), ("tag", "plain"))
    what = words.kind(topic, kind)
    if topic == USER_TAGS:
        what = words("{what}: {tag}", what=what, tag=words.tag(message["tag"]))
    return Told(
        id=message["id"],
        icon=icon,
        tone=tone,
        what=what,
        why=words.reason(message["reason"]),
        amount=_amount(message, words),
        user=message["user_id"],
        at=message["as_of"],
    )


def _amount(message: Mapping[str, Any], words: Words) -> str:
    currency = message.get("currency", "")
    if message.get("value"):
        return words("{amount} in the cart", amount=words.money(message["value"], currency))
    if message.get("value_at_stake"):
        return words("{amount} at stake", amount=words.money(message["value_at_stake"], currency))
    return ""


def triggers(feed: Iterable[Item], words: Words, *, tags: bool) -> list[Told]:
    """The newest messages about carts and churn, newest first; with changes of tags if they are wanted."""
    return [told(item.topic, item.message, words) for item in _newest(feed, tags)]


def _newest(feed: Iterable[Item], tags: bool) -> Iterator[Item]:
    left_out = {DEAD_LETTERS} if tags else {DEAD_LETTERS, USER_TAGS}
    return islice((item for item in reversed(list(feed)) if item.topic not in left_out), SHOWN)


def alerts(feed: Iterable[Item], words: Words) -> list[Told]:
    """The newest churn alerts that were raised, newest first."""
    raised = [item for item in feed if (item.topic, item.kind) == ("churn-alerts", "raised")]
    return [told(item.topic, item.message, words) for item in reversed(raised[-SHOWN:])]


def happened_icon(kind: str) -> str:
    """The icon of a moment of a shopper's timeline."""
    return HAPPENED.get(kind, "tag")


def topic_of(message: Mapping[str, Any]) -> str:
    """The role of the topic a message went to: of those that have its kind, the one that has most of its fields."""
    fits = [topic for topic in SHOPPERS.outputs.values() if message["kind"] in topic.kinds]
    best = max(fits, key=lambda topic: len(message.keys() & set(topic.message.__struct_fields__)), default=None)
    return best.role if best else DEAD_LETTERS
