"""What a shop sends, as JSON Schemas: one of each event the contract knows, one of those it does not know.

The types leave to code what a type cannot say; a schema can say most of it: which id must be there, that somebody did
it, that a quantity is whole. What only the settings say, such as bounds, is in no schema.
"""

from __future__ import annotations

from typing import Any

from kairos.contract.components import Schema, components
from models.decoding.segment import NAMES, TYPES
from models.decoding.segment_calls import Call, Other, Tick, UserErased
from models.decoding.segment_carts import CartUpdated
from models.decoding.segment_consent import ConsentEvent, Identify
from models.kernel.events import ROLES
from models.kernel.settings import Limits

REFUSED: tuple[type[Call], ...] = (UserErased,)
"""Their names are known, and refused whatever they hold."""
ALL: tuple[type[Call], ...] = (*NAMES.values(), *TYPES.values(), Other)
CALLS = [call for call in ALL if call not in REFUSED]

LIMITS = Limits()
ID = f"By default at most {LIMITS.max_id_bytes} bytes of UTF-8."
MANY = f"by default at most {LIMITS.max_products}"
MONEY = "In whole units of the currency (59.90), 0 or more."
TIME = "^(199D|[2-9]D{3})-D{2}-D{2}[Tt ]D{2}:D{2}:D{2}([.]D+)?([Zz]|[+-]D{2}:?D{2})?$".replace("D", "[0-9]")

FIELDS: dict[str, dict[str, Any]] = {
    "event": {"description": "The name: it decides what this is."},
    "Page.event": {"description": "None that is known."},
    "Tick.event": {"description": "None that is known."},
    "Identify.event": {"description": "None that is known."},
    "Other.event": {"description": "None that is known: counted, and activity of the shopper."},
    "type": {"description": "Decides what this is where no known name does."},
    "timestamp": {
        "description": "When it happened: RFC 3339, from 1990 on; without an offset it is UTC.",
        "pattern": TIME,
        "examples": ["2026-11-21T10:15:00.000Z"],
    },
    "userId": {"description": f"The shopper, logged in. {ID}"},
    "anonymousId": {"description": f"The visitor; goes after userId. {ID}"},
    "messageId": {"description": f"Recognises the message when it comes again; else its bytes do. {ID}"},
    "context": {
        "description": "Of it the texts `timezone`, `device.type`, `campaign.medium` and `campaign.source` are read, "
        "and what `consent.categoryPreferences` and `traits` say of messages to the shopper. "
        "Whatever it holds, the event is good.",
    },
    "receivedAt": {"description": "When a server received it: it happened no later.", "pattern": TIME},
    "sentAt": {"description": "When the device sent it; looked at where there is no receivedAt.", "pattern": TIME},
    "properties": {"description": "What is looked at; all else may be anything."},
    "ConsentUpdated.properties": {
        "description": "Of them `channel` (a text; none means every one) and `granted` (true or false) are read, "
        "`channels` (true or false by channel), `consent.categoryPreferences` and `categoryPreferences`. Whatever they "
        "hold, the event is good.",
    },
    "traits": {
        "description": "Of them those are read that allow or refuse messages, such as `unsubscribed`, "
        "`email_unsubscribed` and `accepts_marketing`. Whatever they hold, the event is good.",
    },
    "category": {"description": "What the shopper takes interest in."},
    "results_count": {"description": "How many were found, written without a fraction."},
    "rating": {"description": "A number."},
    "lang": {"description": "Language of the review."},
    "review_body": {"description": "What the shopper says, a text; anything else counts as absent."},
    "product_id": {"description": "What the product is known by."},
    "sku": {"description": "What it is known by if there is no product_id."},
    "name": {"description": "What it is known by if there is no sku either."},
    "variant": {"description": "Which variant of the product: its colour or size, say."},
    "price": {"description": f"Of one piece. {MONEY}"},
    "quantity": {
        "description": "Whole (2.0 is whole), 0 or more; none means 1.",
        "type": ["integer", "null"],
        "minimum": 0,
    },
    "cart_id": {"description": f"Which cart; none means the cart `default`. {ID}"},
    "OrderProperties.cart_id": {"description": f"The cart that was bought. {ID}"},
    "RefundProperties.cart_id": {"description": "Means nothing here."},
    "currency": {"description": "ISO 4217, in either case; none means the shop's."},
    "products": {"description": f"Lines, {MANY}."},
    "CartChangeProperties.products": {"description": f"Several products, {MANY}, where none is named beside them."},
    "CartUpdateProperties.products": {"description": f"The whole cart, {MANY}; [] empties it."},
    "order_id": {"description": f"Which order. {ID}"},
    "refund_id": {"description": f"Which refund. {ID}"},
    "revenue": {"description": f"After discounts, before shipping and tax. {MONEY}"},
    "coupon": {"description": "A code; an order with one is discounted."},
    "discount": {"description": f"An order with one above 0 is discounted. {MONEY}"},
    "total": {"description": f"The amount if there is no revenue. {MONEY}"},
}


def role(call: type[Call]) -> str | None:
    """Role of the topics a call belongs to; None: it may come in any."""
    return None if issubclass(call, Tick | Other | Identify | ConsentEvent) else ROLES[call.role]


def _any_of(*fields: str) -> Schema:
    """At least one of them is there and not empty."""
    text = {"type": "string", "minLength": 1}
    return {"anyOf": [{"required": [field], "properties": {field: text}} for field in fields]}


UNKNOWN_NAME: Schema = {
    "title": "UnknownName",
    "description": "No name, or none of those the contract knows.",
    "type": ["string", "null"],
    "not": {"enum": list(NAMES)},
}


def schemas(place: str) -> dict[str, Schema]:
    """Schemas of all calls and of what they hold, by name of their type."""
    found = components([Call, *CALLS], FIELDS, place, nulls=True)
    envelope = found["Call"]
    envelope |= {"description": "What every call has: when, and who.", **_any_of("userId", "anonymousId")}
    for call in CALLS:
        _complete(found, call, place)
    return {**found, "UnknownName": UNKNOWN_NAME}


def _complete(found: dict[str, Schema], call: type[Call], place: str) -> None:
    """Put into a call's schema what its type leaves to code."""
    schema = found[call.__name__]
    properties = schema["properties"]
    if isinstance(tag := call.__struct_config__.tag, str):
        schema["title"] = tag
    if call not in NAMES.values():
        properties["event"] = {"$ref": place.format(name="UnknownName")}
    if call is Other:
        properties["type"]["not"] = {"enum": list(TYPES)}
        schema |= _any_of("event", "type")
    _share(schema, found["Call"], None if call is Tick else {"$ref": place.format(name="Call")})
    if needed := ("products",) if call is CartUpdated else call.required:
        _require(found, schema, needed)


def _share(schema: Schema, envelope: Schema, reference: Schema | None) -> None:
    """Leave to the envelope what it says already. A tick is nobody's: it has but a time."""
    for field in envelope["properties"]:
        if reference is not None or field != "timestamp":
            del schema["properties"][field]
    if reference is not None:
        schema["allOf"] = [reference]
        schema["required"] = [field for field in schema.get("required", ()) if field not in envelope["required"]]
        if not schema["required"]:
            del schema["required"]


def _require(found: dict[str, Schema], schema: Schema, needed: tuple[str, ...]) -> None:
    """The call has properties, and one of `needed` among them, as have all calls with properties of this type."""
    reference = schema["properties"]["properties"]["anyOf"][0]
    schema["properties"]["properties"] = reference
    schema["required"].append("properties")
    inner = found[reference["$ref"].rpartition("/")[2]]
    if "required" in inner or "anyOf" in inner:
        return
    if len(needed) > 1:
        inner |= _any_of(*needed)
        return
    inner["required"] = [*needed]
    field = inner["properties"][needed[0]]
    field["type"] = field["type"][0]
    if field["type"] == "string":
        field["minLength"] = 1
