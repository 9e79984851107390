"""Mutations of what a message says: it stays JSON, or becomes what careless encoders take for JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

MARK = "@raw@"
"""Stands for text that `json` would not write."""

Place = tuple[Any, Any]
Way = Callable[[Random, Place], Any]

NUMBERS = (0, -1, 1, 2.5, -0.0, 1e-300, 1e300, 10**13, 10**16, 2**31, 2**63, 2**64, 10**30, 10**400, 0.1 + 0.2, True)
RAW = (b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"1e-999", b"-0", b"01", b".5", b"1.", b"+1", b"0x1f")
RAW += (b"9" * 19, b"9" * 400, b"9" * 4_301, b"-" + b"9" * 5_000, b"0." + b"3" * 3_000, b"1" + b"0" * 2_000 + b"e-2000")
RAW += (
    b'"\\ud800"',
    b'"\\udfff\\ud800"',
    b'"\\ud83d\\ude00"',
    b'"\xed\xa0\x80"',
    b'"\xff"',
    b'"\\u0000"',
    b'"\\x"',
    b"",
)
TEXTS = (
    "",
    " ",
    "x",
    "null",
    "59.90",
    "a\x1b[2J\u202e\x00",
    "\ud800",
    "é" * 129,
    "é" * 128,
    "x" * 257,
    "鞋" * 200,
    "😀" * 201,
)
TEXTS += (
    "USD",
    "eur",
    "JPY",
    "CLF",
    "???",
    "kairos.tick",
    "page",
    "Order Completed",
    "Order Refunded",
    "Product Added",
)
TIMES = ("2026-04-01", "2026-04-01 10:00:00", "2026-04-01T10:00:00", "2026-04-01T10:00:60Z", "0000-00-00T00:00:00Z")
TIMES += ("1969-12-31T23:59:59Z", "1989-12-31T23:59:59.999Z", "1990-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z")
TIMES += ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-04-01T10:00:00+99:99", "2026-02-30T00:00:00Z")
TIMES += (
    "2026-04-01T10:00:00.123456789123456789Z",
    "2026-04-03T00:00:00.000Z",
    "2031-01-01T00:00:00Z",
    "1775037600000",
)
TELLING = {"quantity": (0, 1.5, 100_000, 100_001, 10**16), "currency": ("EUR", "eur", "XXX", "")}
IDS = ("userId", "anonymousId", "messageId", "order_id", "refund_id", "cart_id", "product_id")


def length(rng: Random) -> int:
    """Mostly short, seldom more than a message may have, every order of magnitude in between."""
    return int(
        2 ** rng.uniform(0, rng.choice((6, 6, 8, 8, 8, 10, 10, 12, 14, 18.3) if rng.random() < 0.1 else (6, 8, 9)))
    )


def number(rng: Random, place: Place) -> Any:
    return rng.choice(NUMBERS) if rng.random() < 0.7 else rng.randint(-(10**6), 10**6) / 10 ** rng.randint(0, 9)


def text(rng: Random, place: Place) -> Any:
    return rng.choice(TEXTS)


def time(rng: Random, place: Place) -> Any:
    return rng.choice(TIMES)


def long_text(rng: Random, place: Place) -> Any:
    return rng.choice(("x", "é", "鞋", "\\", '"', "\x00")) * length(rng)


def empty(rng: Random, place: Place) -> Any:
    return rng.choice((None, [], {}, [None], [[]], {"": None}))


def many(rng: Random, place: Place) -> Any:
    """A list of what was there, or of products."""
    held = place[0][place[1]]
    item = rng.choice((held, {"product_id": "p", "price": 1, "quantity": 1}, {}, None, 0))
    count = rng.choice((1, 2, 199, 200, 201, 201, 2_000)) if rng.random() < 0.2 else rng.randint(1, 9)
    return [item] * (count if len(repr(item)) < 300 else 2)


def nested(rng: Random, place: Place) -> Any:
    held = place[0][place[1]]
    for _ in range(rng.choice((1, 2, 9, 60, 254, 256, 258, 400))):
        held = rng.choice(([held], {"properties": held}))
    return held


def swapped(rng: Random, place: Place) -> Any:
    """What stands elsewhere in the same object."""
    held = place[0]
    return deepcopy(held[rng.choice(list(held))] if isinstance(held, dict) else rng.choice(held))


def stringified(rng: Random, place: Place) -> Any:
    return str(place[0][place[1]])[:1_000]


WAYS: tuple[Way, ...] = (number, number, text, text, long_text, empty, many, nested, swapped, stringified)


def spoil(rng: Random, call: dict[str, Any]) -> bytes:
    """The call as JSON, with one to three faults."""
    call = deepcopy(call)
    raw = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        places = _places(call)
        if not places:
            break
        holder, key = place = rng.choice(places)
        dice = rng.random()
        if key == "timestamp" or dice < 0.08:
            holder, key = (call, "timestamp") if "timestamp" in call else place
            holder[key] = time(rng, place)
        elif key in TELLING and dice < 0.5:
            holder[key] = rng.choice(TELLING[key])
        elif dice < 0.18:
            holder[key] = MARK
            raw.append(rng.choice(RAW))
        elif dice < 0.28:
            del holder[key]
        elif dice < 0.38 and isinstance(holder, dict):
            holder[rng.choice((*IDS, "event", "type", "quantity", "price", "products"))] = holder.pop(key)
        else:
            holder[key] = rng.choice(WAYS)(rng, place)
    return _written(rng, call, raw)


def _places(call: dict[str, Any]) -> list[Place]:
    """Everywhere something stands: in the call, its context, its traits, its properties, their products."""
    places: list[Place] = [(call, key) for key in call]
    for part in (call.get("context"), call.get("traits")):
        if isinstance(part, dict):
            places += [(part, key) for key in part]
            places += [(inner, key) for inner in part.values() if isinstance(inner, dict) for key in inner]
    properties = call.get("properties")
    if isinstance(properties, dict):
        places += [(properties, key) for key in properties] * 2
        products = properties.get("products")
        for product in products[:3] if isinstance(products, list) else ():
            if isinstance(product, dict):
                places += [(product, key) for key in product]
    return places


def _written(rng: Random, call: dict[str, Any], raw: list[bytes]) -> bytes:
    """JSON text, with raw parts, and perhaps a key that comes twice."""
    keys = list(call)
    if rng.random() < 0.2:
        rng.shuffle(keys)
    shown = json.dumps({key: call[key] for key in keys}, ensure_ascii=rng.random() < 0.5)
    value = shown.encode(errors="surrogatepass")
    for part in raw:
        value = value.replace(b'"%b"' % MARK.encode(), part, 1)
    if rng.random() < 0.05 and keys:
        twice = json.dumps({key: rng.choice((call[key], *TEXTS, *NUMBERS)) for key in rng.choices(keys, k=2)})
        value = twice.encode()[:-1] + b"," + value[1:] if rng.random() < 0.5 else value[:-1] + b"," + twice.encode()[1:]
    return value
