"""The shop's settings: plain numbers with the defaults of the design, read from nowhere.

Here are those that several features share; a feature declares its own (`Feature.settings`), and the fold puts all of
them into one flat struct. `kairos.config.settings` fills it from the environment. Durations are in milliseconds, money
in minor units.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Struct

from models.kernel.partition import Partitioner

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
LANDMARK = 10_957 * DAY
"""2000-01-01: forward decay counts from here, to keep the numbers small."""
UNITS = 100
"""Minor units that count as one of money where logarithms of amounts are learned. They are compared with the shop's,
so it does not matter how many decimals its currency has."""


class Setting(NamedTuple):
    """Metadata of a setting's field: how it is written, and what it is.

    Attributes
    ----------
    written
        Name of its parser in `kairos.config.parsing`. Of a `Literal` "choice": one of its values.
    about
        A line of docs/settings.md.
    """

    written: str
    about: str


class Rate(Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of the currency table: from `since` (ms) on, one unit of `currency` is `rate` of the shop's."""

    currency: str
    rate: str
    since: int = 0


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """What a message may hold. Beyond it: a dead letter."""

    max_skew: Annotated[int, Setting("duration", "how far a timestamp may be ahead of Kafka's")] = 5 * MINUTE
    max_quantity: Annotated[int, Setting("positive", "largest quantity of a line")] = 100_000
    max_id_bytes: Annotated[int, Setting("positive", "longest id")] = 256
    max_products: Annotated[int, Setting("positive", "most products of an event")] = 200
    max_message_bytes: Annotated[int, Setting("positive", "longest message")] = 256 * 1024
    max_string: Annotated[int, Setting("positive", "longer strings are cut")] = 200
    max_review: Annotated[int, Setting("positive", "longer texts of reviews are cut")] = 5_000
    max_letter_bytes: Annotated[int, Setting("positive", "original bytes kept in a dead letter")] = 64 * 1024


class SharedSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What the shop decides, as far as it is not about one feature alone."""

    currency: Annotated[str, Setting("currency", "the shop's currency, ISO 4217")] = "USD"
    rates: Annotated[tuple[Rate, ...], Setting("rates", "other currencies: EUR=1.08, CNY=0.14@2026-01-01")] = ()
    time_zone: Annotated[
        str, Setting("zone", "the shop's time zone, by its IANA name: its days begin at midnight there")
    ] = "UTC"
    partitioner: Annotated[
        Partitioner, Setting("choice", "murmur2: Java, kafka-python, Segment; crc32: librdkafka; fnv1a: RudderStack")
    ] = "murmur2"
    misrouted: Annotated[
        Literal["forward", "reject"],
        Setting("choice", "a record in another partition than its shopper's goes to that one, or is a dead letter"),
    ] = "forward"
    nobody: Annotated[
        tuple[str, ...], Setting("words", "ids that stand for nobody, in any case; they count as absent")
    ] = ("undefined", "null", "none", "nan", "anonymous", "guest", "[object Object]")
    names: Annotated[
        tuple[tuple[str, str], ...],
        Setting("aliases", "names of events beside the known ones: Kauf=Order Completed, Korb=Product Added"),
    ] = ()
    consent_categories: Annotated[
        tuple[str, ...],
        Setting("words", "categories of context.consent that must not be refused, as Segment and OneTrust name them"),
    ] = ("Advertising", "Marketing", "C0004")
    limits: Limits = Limits()

    half_life: Annotated[int, Setting("period", "half-life of decayed frequency and money")] = 90 * DAY
    fading: Annotated[float, Setting("fraction", "weight of the newest gap in the running mean of gaps")] = 0.3
    visit_gap: Annotated[int, Setting("period", "silence that ends a visit")] = 30 * MINUTE
    bot_rate: Annotated[int, Setting("positive", "events a minute beyond which a shopper is a bot")] = 600
    table_every: Annotated[
        int, Setting("days", "how often RFM cuts are computed from all buyers: 1d, 7d; 0: never")
    ] = DAY
    table_lag: Annotated[int, Setting("duration", "how long after 00:00 UTC computed cuts come into force")] = HOUR
    table_buyers: Annotated[int, Setting("positive", "with fewer buyers the fixed cuts stay")] = 200
    table_history: Annotated[int, Setting("duration", "with a shorter history of orders the fixed cuts stay")] = (
        90 * DAY
    )
    visitor_ttl: Annotated[int, Setting("period", "how long an idle visitor without an order is kept")] = 30 * DAY
    buyer_ttl: Annotated[int, Setting("period", "how long an idle buyer is kept")] = 3 * 365 * DAY


def together(own: Iterable[type[Struct]]) -> type[Any]:
    """One flat struct of the shared settings and those of features. ValueError where two have one name."""
    fields: dict[str, tuple[str, Any, Any]] = {}
    taken = {field.name for field in msgspec.structs.fields(SharedSettings)}
    for struct in own:
        for field in msgspec.structs.fields(struct):
            if field.name in taken or field.name in fields:
                raise ValueError(f"two settings have the same name: {field.name!r}")
            fields[field.name] = (field.name, field.type, field.default)
    return msgspec.defstruct(
        "ShopSettings",
        list(fields.values()),
        bases=(SharedSettings,),
        frozen=True,
        forbid_unknown_fields=True,
        module=__name__,
    )
