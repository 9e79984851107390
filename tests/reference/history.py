"""What one shopper did, as a list in the order of folding, and what is said about it."""

from __future__ import annotations

from typing import NamedTuple

from models.kernel.events import CLICKSTREAM, Event

Line = tuple[str, str, str, int]
"""A line of a cart in a message: product, variant, sku unless it is the product, quantity."""


class Own(NamedTuple):
    """One event of the shopper that counted. `now` is the time of its fold: its own, or the watermark if later.

    `zone`, `device` and `channel` are what its context says, "" where it says nothing; `consent` what it states of
    channels ("": every one).
    """

    e: int
    now: int
    event: Event
    role: int
    message: int
    identified: bool
    zone: str = ""
    device: str = ""
    channel: str = ""
    consent: tuple[tuple[str, bool], ...] = ()


class Said(NamedTuple):
    """One output, without wording but for the reason of what asks for action.

    `about` is the tag, the last order's e, (cart, anchor, step), or the code. Of a tag: `since` when it was entered,
    the `table` it was judged by, the `score` it was entered for, and whether it ended because the shopper is
    `forgotten`. Of what asks for action: `arm`, `stage`, `channels`, when it `expires`.
    """

    topic: str
    kind: str
    user: str
    about: object
    as_of: int
    retracts: tuple[object, ...] = ()
    value: int = 0
    products: tuple[Line, ...] = ()
    order_at: int | None = None
    since: int | None = None
    table: str | None = None
    score: Score | None = None
    forgotten: bool = False
    arm: str | None = None
    stage: str = "cart"
    channels: tuple[str, ...] = ()
    expires: int | None = None
    reason: str = ""


class Score(float):
    """A score as it is told, rounded to four places: two of them are equal if they differ in the last one at most."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, float) and abs(self - other) < 1.5e-4

    __hash__ = None  # type: ignore[assignment]


def newest(history: list[Own]) -> int:
    """e of the newest own event."""
    return max(own.e for own in history)


def oldest(history: list[Own]) -> int:
    """e of the oldest own event."""
    return min(own.e for own in history)


def somebody(history: list[Own]) -> bool:
    """Whether tags may be told of the shopper: a single click is nobody yet."""
    return len(history) > 1 or any(own.role != CLICKSTREAM for own in history)
