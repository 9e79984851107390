"""Strategies for messages: good ones, good ones with a few faults, and bytes that are none."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from models.decoding.segment import NAMES
from tests.models.messages import AT

Values = st.SearchStrategy[Any]

IDS = st.sampled_from(["a", "u42", "é" * 100, "x" * 256])
TEXTS = st.sampled_from(["", "shoes", "鞋", "é" * 201, None])
QUANTITIES = st.sampled_from([0, 1, 2.0, 3, 100_000, None])
MONEY = st.sampled_from([0, 59.9, 2.675, 1e-7, None]) | st.floats(0, 1e6) | st.integers(0, 10**6)
CURRENCIES = st.sampled_from(["", "CNY", "usd", "JPY", None])
TIMES = st.sampled_from([AT, "2026-11-21T10:15:00", "2031-01-01T00:00:00+08:00"])
PRODUCT = {"product_id": TEXTS, "sku": TEXTS, "name": TEXTS, "price": MONEY, "quantity": QUANTITIES}
PRODUCTS = st.lists(st.fixed_dictionaries({}, optional=PRODUCT), max_size=3)
PROPERTIES = st.fixed_dictionaries(
    {"order_id": IDS, "refund_id": IDS, "products": PRODUCTS},
    optional={"cart_id": IDS, "category": TEXTS, "currency": CURRENCIES, "revenue": MONEY, "total": MONEY, **PRODUCT}
    | {"results_count": st.integers(0, 9), "rating": st.floats(0, 5), "lang": TEXTS},
)
CONTEXTS = st.sampled_from(
    [{"x": [{}]}, {"consent": {"categoryPreferences": {"C0004": 0}}}, {"consent": [5], "traits": {"unsubscribe": True}}]
)
CALLS = st.fixed_dictionaries(
    {"event": st.sampled_from([*sorted(NAMES), "", None, "Wheel Spun", "x" * 300]), "timestamp": TIMES, "userId": IDS}
    | {"type": st.sampled_from(["track", "page", "identify", "kairos.tick"]), "properties": PROPERTIES},
    optional={"anonymousId": IDS, "messageId": IDS, "context": CONTEXTS, "traits": st.just({"subscribed": "true"})},
)

WORDS = ["", "2", "x", "é" * 129, "x" * 257, "\ud800", "EUR", "KWD", "?", "2026-11-21", "1989-12-31T23:59:59Z"]
NUMBERS = [0, -1, 2.5, 10**16, 10**30, 10**400, 1e14, 1e300, float("nan")]
JUNK: Values = st.sampled_from([None, True, *WORDS, *NUMBERS, [], {}, [5], [{"price": 1}] * 201, {"a": 1}])


@st.composite
def calls(draw: st.DrawFn) -> bytes:
    """Calls of the wire format with up to three faults, their fields in any order."""
    call = draw(CALLS)
    properties = call["properties"]
    targets = [call, call, properties, properties, *filter(None, properties["products"])]
    for _ in range(draw(st.integers(0, 3))):
        target = draw(st.sampled_from(targets))
        target[draw(st.sampled_from(sorted(target)))] = draw(JUNK)
    names = draw(st.permutations(sorted(call)))
    text = json.dumps({name: call[name] for name in names}, ensure_ascii=draw(st.booleans()))
    return text.encode(errors="surrogatepass")


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """A call with bytes replaced, cut out, doubled or put in."""
    value = bytearray(draw(calls()))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(value)))
        end = draw(st.integers(start, min(len(value), start + 20)))
        tokens = [b"", b"\x00", b"\xff", b"null", b'"', b"\\", b"{", b"]", b"1e999", b"\\ud800", b"-", b"NaN", b"5"]
        value[start:end] = draw(st.sampled_from([*tokens, bytes(value[start:end]) * 2]) | st.binary(max_size=6))
    return bytes(value)
