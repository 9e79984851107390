"""What segments, stages, tags and messages are called. What is not here (a shop's categories) is called as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.words.catalog import message

if TYPE_CHECKING:
    from dashboard.words.words import Words

FAMILIES = {
    "segment": message("Segment"),
    "stage": message("Stage"),
    "value": message("Value"),
    "churn": message("Churn risk"),
    "value_next_year": message("Value next year"),
    "interest": message("Interest"),
    "active_hour": message("Usual hour"),
    "active_weekday": message("Usual weekday"),
    "device": message("Device"),
    "channel": message("Channel"),
}
PLAIN = {
    "hibernating": message("Hibernating"),
    "at_risk": message("At risk"),
    "cant_lose": message("Can't lose"),
    "about_to_sleep": message("About to sleep"),
    "need_attention": message("Need attention"),
    "loyal": message("Loyal"),
    "promising": message("Promising"),
    "new": message("New"),
    "potential_loyalist": message("Potential loyalist"),
    "champions": message("Champions"),
    "active": message("Active"),
    "cooling": message("Cooling"),
    "lapsed": message("Lapsed"),
    "returned": message("Returned"),
    "high": message("high"),
    "medium": message("medium"),
    "low": message("low"),
    "mon": message("Monday"),
    "tue": message("Tuesday"),
    "wed": message("Wednesday"),
    "thu": message("Thursday"),
    "fri": message("Friday"),
    "sat": message("Saturday"),
    "sun": message("Sunday"),
    "next_order_due": message("Next order due"),
    "hesitating": message("Hesitating"),
    "cart_abandoner": message("Leaves carts"),
    "discount_driven": message("Buys at a discount"),
    "refund_prone": message("Returns much"),
    "weekend_shopper": message("Weekend shopper"),
    "second_order_due": message("Second order due"),
    "unusual_order": message("Unusual order"),
    "bot": message("Bot"),
}
KINDS = {
    "cart-abandonments": {
        "triggered": message("Cart reminder"),
        "suppressed": message("Cart not reminded of"),
        "recovered": message("Cart recovered"),
        "cancelled": message("Reminder cancelled"),
        "expired": message("Cart given up"),
    },
    "churn-alerts": {
        "raised": message("Churn alert"),
        "suppressed": message("Churn alert not sent"),
        "cleared": message("Churn alert cleared"),
    },
    "user-tags": {"entered": message("Tag begins"), "exited": message("Tag ends")},
    "dead-letters": {"dead_letter": message("Dead letter")},
}
CONTESTANTS = {
    "hazard": message("Hazard model"),
    "prior": message("Other shops' model"),
    "river": message("River's classifier"),
    "mbg_nbd": message("MBG/NBD"),
    "recency_frequency": message("Recency × frequency (baseline)"),
}
FATES = {
    "late": message("Late: a newer event was folded before; counted all the same"),
    "clamped": message("From the future: taken for now"),
    "too_old": message("Too old to be folded"),
    "dedupe_overflow": message("So close together that a repeat of them later on would count twice"),
    "unknown_events": message("With a name that is not known: nothing follows from them"),
    "forwarded": message("Sent on to their shopper's shard"),
    "forward_repeats": message("Copies of those, dropped"),
}
DELIVERY = {
    "delivered": message("Delivered"),
    "expired": message("Expired"),
    "retracted": message("Retracted"),
    "undeliverable": message("Undeliverable"),
    "up": message("up"),
    "slowed": message("slowed down: it asked for time"),
    "failing": message("failing"),
    "off": message("off"),
}
HAPPENED = {
    "came": message("Came for the first time"),
    "last_seen": message("Was here last"),
    "looked": message("Looked at a product"),
    "left": message("Left a cart"),
    "bought": message("Ordered"),
    "refunded": message("Was refunded"),
    "reminded": message("Was reminded"),
    "recovered": message("Came back and ordered"),
    "given_up": message("Did not come back to the cart"),
    "alerted": message("Churn alert"),
    "cleared": message("Churn alert cleared"),
    "tag": message("Tag begins"),
}


def fate(words: Words, name: str) -> str:
    """What an event met on its way."""
    return words(FATES[name]) if name in FATES else name


def delivery(words: Words, name: str) -> str:
    """The state of an endpoint, or what became of a message there."""
    return words(DELIVERY[name]) if name in DELIVERY else name


def happened(words: Words, kind: str) -> str:
    """A moment of a shopper's timeline."""
    return words(HAPPENED.get(kind, kind))


def contestant(words: Words, name: str) -> str:
    """Who predicts."""
    return words(CONTESTANTS[name]) if name in CONTESTANTS else name


def plain(words: Words, name: str) -> str:
    """A name that stands alone, or after its family's."""
    return words(PLAIN[name]) if name in PLAIN else name.replace("_", " ")


def tag(words: Words, name: str) -> str:
    """A tag: its family and what follows, or its own name."""
    family, colon, rest = name.partition(":")
    if not colon:
        return plain(words, name)
    value = rest if family in ("interest", "device", "channel", "active_hour") else plain(words, rest)
    return words("{family}: {value}", family=words(FAMILIES.get(family, family)), value=value)


def kind(words: Words, topic: str, name: str) -> str:
    """A message."""
    found = KINDS.get(topic, {}).get(name)
    return words(found) if found else f"{topic}: {name}"
