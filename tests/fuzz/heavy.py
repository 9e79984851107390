"""Messages as large as they may be, each made to be dear in a way of its own."""

from __future__ import annotations

import json
from collections.abc import Callable

from models.kernel.events import ROLES
from models.kernel.settings import HOUR
from tests.fuzz.mutations import PARTITIONS, Mutant, place
from tests.fuzz.seeds import OPENED

ENVELOPE = (
    b'{"messageId":"m","type":"track","event":"%b","userId":"u1","timestamp":"2026-04-01T10:00:00Z","properties":{%b}}'
)


def _of(event: bytes, properties: bytes) -> bytes:
    return ENVELOPE % (event, properties)


def _filled(event: bytes, before: bytes, part: bytes, after: bytes) -> Callable[[int], bytes]:
    return lambda size: _of(event, before + part * (size // len(part)) + after)


def _bare(part: bytes) -> Callable[[int], bytes]:
    return lambda size: part * (size // len(part))


PRODUCT = b'{"product_id":"p","price":0.1,"quantity":2},'
SHAPES: dict[str, Callable[[int], bytes]] = {
    "a long string": _filled(b"Product Viewed", b'"category":"', b"x", b'"'),
    "a long string of escapes": _filled(b"Product Viewed", b'"category":"', b"\\u00e9", b'"'),
    "a long string of quotes": _filled(b"Product Viewed", b'"category":"', b'\\"', b'"'),
    "a long string of brackets": _filled(b"Product Viewed", b'"category":"', b"[{", b'"'),
    "a string that does not end": _filled(b"Product Viewed", b'"category":"', b"\\\\", b""),
    "a long id": _filled(b"Order Completed", b'"order_id":"', b"\xe9\x9e\x8b", b'"'),
    "a long number": _filled(b"Order Completed", b'"order_id":"o","revenue":1', b"0", b""),
    "a long fraction": _filled(b"Order Completed", b'"order_id":"o","revenue":0.', b"3", b""),
    "a long exponent": _filled(b"Order Completed", b'"order_id":"o","revenue":1e', b"9", b""),
    "a long quantity": _filled(b"Product Added", b'"quantity":', b"7", b""),
    "many products": _filled(b"Cart Updated", b'"products":[', PRODUCT, b"{}]"),
    "many bad products": _filled(b"Order Completed", b'"order_id":"o","products":[', b'{"price":"x"},', b"{}]"),
    "many keys": _filled(b"Product Viewed", b"", b'"a":1,', b'"b":2'),
    "one key many times": _filled(b"Order Completed", b'"order_id":"o",', b'"revenue":1,', b'"revenue":2'),
    "many lists that nobody reads": _filled(b"Product Viewed", b'"a":[', b"[[1],{}],", b"0]"),
    "deep": _filled(b"Product Viewed", b'"a":', b"[", b""),
    "deep and closed": lambda size: _of(b"Product Viewed", b'"a":' + b"[" * (size // 2) + b"]" * (size // 2)),
    "deep objects": _filled(b"Product Viewed", b'"a":', b'{"a":', b""),
    "up and down": _filled(b"Product Viewed", b'"a":[', b"[[[[[[[[]]]]]]]],", b"0]"),
    "brackets alone": _bare(b"["),
    "quotes alone": _bare(b'"'),
    "backslashes alone": _bare(b"\\"),
    "quotes and brackets": _bare(b'"[\\'),
    "white space": _bare(b" \n\t"),
    "zeros": _bare(b"\x00"),
    "broken UTF-8": _filled(b"Product Viewed", b'"category":"', b"\xf0\x9f", b'"'),
    "event names": _bare(b'"event"'),
    "ticks": _bare(b'{"type":"kairos.tick"}'),
}


def accepted(event: str, start: int, end: int) -> list[Mutant]:
    """Good messages of one shopper, one a second, as dear as they may be; and ticks, so that they are folded."""
    name = "é" * 180
    mutants = []
    for n in range(start, end):
        product = {"product_id": f"{n} {name}", "price": 59.9, "quantity": 3}
        properties = product | {"cart_id": f"c{n % 9}", "order_id": f"o{n}"}
        call = {"messageId": f"m{n}", "type": "track", "event": event, "userId": "u1", "timestamp": _at(n)}
        if event != "Product Added":
            properties["products"] = [product | {"product_id": f"{n} {k} {name}"} for k in range(200)]
        mutants.append(_mutant("cart", json.dumps(call | {"properties": properties}, ensure_ascii=False).encode()))
    tick = json.dumps({"type": "kairos.tick", "timestamp": _at(end)}).encode()
    return mutants + [_mutant(role, tick) for role in ROLES]


def _at(second: int) -> str:
    return f"2026-04-01T10:{second // 60:02}:{second % 60:02}Z"


def _mutant(topic: str, value: bytes) -> Mutant:
    return Mutant(OPENED + HOUR, topic, place(b"u1", PARTITIONS), b"u1", value, sound=True, home=True)
