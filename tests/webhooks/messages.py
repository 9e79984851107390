"""Messages of every kind with texts that nobody expects."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from sinks.webhooks.examples import EXAMPLES

HOSTILE = st.one_of(
    st.sampled_from(
        ['"', "<!channel>", "a&b", "{{ 7 * 7 }}", "\\", "x\ny", "`x`", "naïve 🛒", "../x", "%2F", "&" * 300]
    ),
    st.text(min_size=1, max_size=40).filter(lambda text: text.isprintable() and bool(text.strip())),
)
"""Texts as a shop may send them: ids, names, categories."""


@st.composite
def messages(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Topic, and a message of it: an example with texts and products of another kind."""
    (topic, _), example = draw(st.sampled_from(sorted(EXAMPLES.items(), key=lambda item: item[0])))
    message = {**example, "user_id": draw(HOSTILE), "reason": draw(HOSTILE)}
    if "tag" in message:
        message["tag"] = "interest:" + draw(HOSTILE)
    if "products" in message:
        message["products"] = draw(st.lists(lines(), max_size=200))
    return topic, message


@st.composite
def lines(draw: st.DrawFn) -> dict[str, Any]:
    """A line of a cart."""
    line = {"product_id": draw(HOSTILE), "quantity": draw(st.integers(0, 10**5))}
    price = draw(st.none() | st.integers(0, 10**12))
    return line | ({} if price is None else {"price": price})
