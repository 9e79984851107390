"""Properties of a message that is read tolerantly: from undecoded fields to the typed properties of its call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar, get_args

import msgspec
from msgspec import Raw, Struct
from msgspec.json import Decoder

from models.decoding.coercion import EMPTY_LIST, NUMBERED, SINGLE, WEIGHT, Unreadable
from models.decoding.fields import IGNORED, REFUSED, Wrong, field
from models.decoding.findings import Findings
from models.decoding.limits import LimitChecker
from models.decoding.names import Meaning, normalised
from models.decoding.rejections import UNKNOWN_CURRENCY, ContractViolation
from models.decoding.segment_carts import CartUpdateProperties, Product
from models.decoding.segment_orders import AmountProperties
from models.kernel.call_context import NULL

S = TypeVar("S", bound=Struct)

IDS = ("order_id", "refund_id", "cart_id")
"""Fields that have the limit of ids."""
ARRAY, OBJECT = b"[{"
"""First bytes of JSON."""
HUGE = 1e300
"""A price that no line has."""
LONGEST = 40
"""Characters of the longest name of a field that is compared with ours."""

_object = Decoder(dict[str, Raw]).decode
_list = Decoder(list[Raw]).decode


def raw_object(findings: Findings, name: str, raw: Raw, wrong: Wrong) -> Mapping[str, Raw]:
    """The fields of an object, not decoded yet; none where it is absent, or may be ignored where it is wrong."""
    if raw == NULL:
        return {}
    try:
        if memoryview(raw)[0] == ARRAY:
            if _list(raw):
                raise Unreadable("an object belongs here")
            findings.coerced(name, EMPTY_LIST)
            return {}
        return _object(raw)
    except ValueError as error:
        findings.raised(error, name, wrong)
        return {}


def fields_of(raws: Mapping[str, Raw], names: Mapping[str, str]) -> dict[str, Raw]:
    """The fields that are looked at, by our names for them.

    Parameters
    ----------
    raws
        All fields of an object. Null is the same as absent.
    names
        Ours, by theirs (`models.decoding.names.normalised`). Of several that are there, one that is called exactly as
        ours goes first, then the order of `names`.

    >>> fields_of({"orderId": Raw(b"1"), "order_id": Raw(b"2"), "x": Raw(b"3")}, {"orderid": "order_id"})
    {'order_id': ...}
    """
    found = {ours: raw for ours in names.values() if (raw := raws.get(ours, NULL)) != NULL}
    theirs = {normalised(name): raw for name, raw in raws.items() if len(name) <= LONGEST and raw != NULL}
    for name, ours in names.items():
        if ours not in found and name in theirs:
            found[ours] = theirs[name]
    return found


@cache
def _own(struct: type[Struct]) -> Mapping[str, str]:
    """A type's fields, by how their names are compared."""
    return {normalised(name): name for name in struct.__struct_fields__}


def _names(struct: type[Struct], aliases: Mapping[str, str]) -> Mapping[str, str]:
    """What a type's fields may be called: their own names, then those of a convention."""
    own = _own(struct)
    return {**own, **{theirs: ours for theirs, ours in aliases.items() if ours in own.values() and theirs not in own}}


@cache
def _item(struct: type[Struct]) -> type[Any]:
    """The type of the products that such properties list."""
    listed: Any = next(field.type for field in msgspec.structs.fields(struct) if field.name == "products")
    return get_args(get_args(listed)[0])[0]  # type: ignore[no-any-return]


class Properties:
    """Reader of the properties of one message.

    Parameters
    ----------
    findings
        Where faults and notes go.
    check
        The shop's limits and its currency.
    meaning
        What the event's name means, with what its fields may be called; None: it is not known.
    e
        The event's time in ms, which chooses the rate of a currency.
    """

    def __init__(self, findings: Findings, check: LimitChecker, meaning: Meaning | None, e: int) -> None:
        self.findings, self.check, self.e = findings, check, e
        self.aliases, self.line_aliases = (meaning.fields, meaning.lines) if meaning is not None else ({}, {})

    def read(self, struct: type[S], raws: Mapping[str, Raw]) -> S:
        """The typed properties; what cannot be read is left out of them."""
        found = self._fields(struct, raws, _names(struct, self.aliases), self.findings)
        if "products" not in struct.__struct_fields__:
            found = self._only_product(struct, raws) | found
        listed = found.pop("products", None)
        typed = struct(**found)
        if listed is not None:
            typed.products = self._products(struct, listed, self._needed(typed))  # type: ignore[attr-defined]
        if isinstance(typed, Product | CartUpdateProperties):
            self._price(typed)
        return typed

    def _only_product(self, struct: type[Struct], raws: Mapping[str, Raw]) -> dict[str, Any]:
        """What a list of one product says of an event that is about a product itself (GA4's `view_item`)."""
        names = {theirs: ours for theirs, ours in self.aliases.items() if ours == "products"}
        listed = fields_of(raws, names).get("products") if names else None
        if listed is None:
            return {}
        try:
            (only,) = self._listed(listed, Findings())
            return self._fields(struct, _object(only), _names(struct, self.line_aliases), self.findings)
        except ValueError:  # none, several, or no product
            return {}

    def _fields(
        self, struct: type[Struct], raws: Mapping[str, Raw], names: Mapping[str, str], findings: Findings
    ) -> dict[str, Any]:
        """The values of a type's fields, called by these names; of `products` the undecoded list."""
        found: dict[str, Any] = {}
        for name, raw in fields_of(raws, names).items():
            if name == "products":
                found[name] = raw
                continue
            rule = field(struct, name)
            found[name] = (
                findings.ident(self.check, name, raw, rule) if name in IDS else findings.value(name, raw, rule)
            )
        if isinstance(quantity := found.get("quantity"), float):
            self._weigh(found, quantity, findings)
        return found

    def _weigh(self, found: dict[str, Any], quantity: float, findings: Findings) -> None:
        """A fractional quantity: a line by weight is one piece, at the price of all of it."""
        if quantity == int(quantity):
            found["quantity"] = int(quantity)
            return
        if (price := found.get("price")) is not None:
            found["price"] = min(HUGE, float(Decimal(repr(price)) * Decimal(repr(quantity))))
        found["quantity"] = 1
        findings.coerced("quantity", WEIGHT)

    def _needed(self, typed: Struct) -> Wrong:
        """What becomes of products that cannot be read: those of an order whose amount is stated are ignored."""
        return IGNORED if isinstance(typed, AmountProperties) and typed.stated is not None else REFUSED

    def _products(self, struct: type[Struct], raw: Raw, wrong: Wrong) -> list[Any] | None:
        """The products, all of them or none."""
        found = Findings()
        try:
            raws = self._listed(raw, found)
            self.check.products(len(raws))
            item = _item(struct)
            names = _names(item, self.line_aliases)
            items = [item(**self._fields(item, _object(raw), names, found)) for raw in raws]
            if not found.faults:
                for each in items:
                    self.check.quantity(each.quantity)
        except ValueError as error:
            self.findings.raised(error, "products", wrong)
            return None
        if found.faults and wrong == IGNORED:
            self.findings.notes[f"ignored:products:{found.worst().code}"] = None
            return None
        self.findings.faults += found.faults
        self.findings.refused |= found.refused
        self.findings.notes |= found.notes
        return items

    def _listed(self, raw: Raw, findings: Findings) -> Sequence[Raw]:
        """The members of a list of products."""
        if memoryview(raw)[0] != OBJECT:
            return _list(raw)
        members = _object(raw)
        if members and all(name.isdecimal() for name in members):
            findings.coerced("products", NUMBERED)
            return list(members.values())
        findings.coerced("products", SINGLE)
        return [raw] if members else []

    def _price(self, typed: Any) -> None:
        """Forget prices of a cart that have no amount in the shop's currency: the cart itself stands."""
        lines = [*([typed] if isinstance(typed, Product) else []), *(getattr(typed, "products", None) or ())]
        for line in lines:
            if line.price is None:
                continue
            try:
                self.check.money.amount(line.price, typed.currency, self.e)
            except ContractViolation as error:
                name = "currency" if error.code == UNKNOWN_CURRENCY else "price"
                self.findings.raised(error, name, IGNORED)
                line.price = None
