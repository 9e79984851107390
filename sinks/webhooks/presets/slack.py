"""Slack: a line in a channel, by an incoming webhook.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks: POST of JSON with ``text``, and ``blocks``
beside it; the answer is 200 and ``ok``, else 400 ``invalid_payload`` or ``no_text``, 403, 404, 410. Of all characters
only ``&``, ``<`` and ``>`` are to be escaped (https://docs.slack.dev/messaging/formatting-message-text): with them a
name could call the whole channel. A section's text has 3,000 characters at most, an element of a context too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from models.decoding.money import exponent
from models.kernel.stamps import stamp
from sinks.webhooks.preset import Preset, Request, post
from sinks.webhooks.properties import name, worth

if TYPE_CHECKING:
    from sinks.webhooks.endpoints import Endpoint

MOST = 3000
LINES = 5
"""Characters of a text; lines of a cart that are shown."""


def build(endpoint: Endpoint, topic: str, message: Mapping[str, Any]) -> Request:
    """A heading with whom it is about and what it is worth, the products, and why."""
    title, who = f"*{name(topic, message['kind'])}*", f"`{_escaped(message['user_id'] or 'nobody')}`"
    told = " · ".join([title, who, *_facts(message)])
    text = "\n".join([told, *_lines(message)])
    small = f"{_escaped(message['reason'])} · {stamp(message['as_of'])}"
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": _cut(text)}},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": _cut(small)}]},
    ]
    return post(endpoint, {"text": _cut(told), "blocks": blocks})


def _facts(message: Mapping[str, Any]) -> Iterator[str]:
    if "tag" in message:
        yield f"`{_escaped(message['tag'])}`"
    amount = worth(message)
    if amount is not None:
        currency = message["currency"]
        yield f"{amount:,.{exponent(currency)}f} {currency}"


def _lines(message: Mapping[str, Any]) -> Iterator[str]:
    products = message.get("products", ())
    for line in products[:LINES]:
        yield f"• {line['quantity']} × {_escaped(line['product_id'])}"
    more = len(products) - LINES
    rest = max(more, 0) + message.get("products_cut", 0)
    if rest:
        yield f"… and {rest} more"


def _escaped(text: str) -> str:
    """Text that is no markup, in one line; a backtick would end the code it stands in."""
    plain = " ".join(text.split()).replace("`", "'")
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(text: str) -> str:
    """The text, of at most `MOST` characters; what is escaped stays whole."""
    if len(text) <= MOST:
        return text
    kept = text[: MOST - 1]
    begun = kept.rfind("&", len(kept) - 4)
    return (kept if begun < 0 or ";" in kept[begun:] else kept[:begun]) + "…"


SLACK = Preset("Slack, by an incoming webhook", build)
