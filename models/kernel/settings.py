"""The domain's settings: plain numbers with the defaults of the design, read from nowhere.

`kairos.config.settings` fills them from the environment. Durations are in milliseconds, money in minor units.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
LANDMARK = 10_957 * DAY
"""2000-01-01: forward decay counts from here, to keep the numbers small."""


class Rate(Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of the currency table: from `since` (ms) on, one unit of `currency` is `rate` of the shop's."""

    currency: str
    rate: str
    since: int = 0


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """What a message may hold. Beyond it: a dead letter."""

    max_skew: int = 5 * MINUTE
    max_quantity: int = 100_000
    max_id_bytes: int = 256
    max_products: int = 200
    max_message_bytes: int = 256 * 1024
    max_string: int = 200
    max_letter_bytes: int = 64 * 1024


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """What the shop decides."""

    currency: str = "USD"
    rates: tuple[Rate, ...] = ()
    partitioner: Literal["murmur2", "crc32"] = "murmur2"
    limits: Limits = Limits()

    half_life: int = 90 * DAY
    interest_half_life: int = 14 * DAY
    fading: float = 0.3
    visit_gap: int = 30 * MINUTE
    overdue_factor: float = 3.0
    overdue_floor: int = 7 * DAY
    overdue_occasions: int = 3
    min_cart_value: int = 0
    order_closes: Literal["any", "same_cart"] = "any"
    cart_delay: int = 30 * MINUTE
    recovery_window: int = 7 * DAY
    anonymous_carts: bool = False
    bot_rate: int = 600
    second_order_after: int = 21 * DAY
    second_order_until: int = 90 * DAY
    table_every: int = DAY
    """How often cuts are computed, in whole days; 0: never, the fixed ones stay in force."""
    table_lag: int = HOUR
    """How long after its boundary a table comes into force."""
    table_buyers: int = 200
    """With fewer buyers the fixed cuts stay in force."""
    visitor_ttl: int = 30 * DAY
    buyer_ttl: int = 3 * 365 * DAY
