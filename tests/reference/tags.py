"""Which tags a shopper should hold now, given those held until now: one rule for each family."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from models.features import ShopSettings
from models.kernel.settings import DAY
from tests.reference import buying, favourites, habits, lifecycle, rfm, unusual, views
from tests.reference.habits import Habit
from tests.reference.history import Own, somebody
from tests.reference.orders import Book

ABANDONER = 90 * DAY


class Known(NamedTuple):
    """All that a rule may look at. `abandoned`: when each cart was left whose window is over, in no order."""

    history: list[Own]
    book: Book
    abandoned: list[int]
    settings: ShopSettings


Rule = Callable[[Known, list[str], int], list[str]]
"""(what is known, members of the family held, now) -> members of the family to hold."""


def one(name: str | None) -> list[str]:
    """A family of which one member is held at most."""
    return [] if name is None else [name]


def only(held: list[str]) -> str | None:
    return held[0] if held else None


def before(now: int, due: int | None) -> list[str]:
    """A tag without members, held until `due`."""
    return [""] if due is not None and now < due else []


def stage(known: Known, held: list[str], now: int) -> list[str]:
    return one(lifecycle.stage(known.history, now))


def segment(known: Known, held: list[str], now: int) -> list[str]:
    return one(rfm.segment(known.book, now, known.settings))


def value(known: Known, held: list[str], now: int) -> list[str]:
    return one(buying.value(known.book, known.settings))


def second_order_due(known: Known, held: list[str], now: int) -> list[str]:
    due = buying.second_order(known.book, known.settings)
    return [""] if due and due[0] <= now < due[1] else []


def unusual_order(known: Known, held: list[str], now: int) -> list[str]:
    return before(now, unusual.over_at(known.book))


def discount_driven(known: Known, held: list[str], now: int) -> list[str]:
    return [""] if buying.discount_driven(known.book, bool(held)) else []


def refund_prone(known: Known, held: list[str], now: int) -> list[str]:
    return [""] if buying.refund_prone(known.book, bool(held)) else []


def weekend_shopper(known: Known, held: list[str], now: int) -> list[str]:
    return [""] if habits.weekend_shopper(known.history, bool(held)) else []


def abandoner_until(known: Known) -> int | None:
    """When two abandoned carts are too long ago; None if there never were two."""
    return sorted(known.abandoned)[-2] + ABANDONER if len(known.abandoned) > 1 else None


def cart_abandoner(known: Known, held: list[str], now: int) -> list[str]:
    return before(now, abandoner_until(known))


def hesitating(known: Known, held: list[str], now: int) -> list[str]:
    return before(now, views.over_at(known.history))


def interest(known: Known, held: list[str], now: int) -> list[str]:
    return favourites.judge(known.history, held, now, known.settings)


def habit(of: Habit) -> Rule:
    return lambda known, held, now: one(habits.judge(of, known.history, only(held), known.settings))


RULES: dict[str, Rule] = {
    "stage:": stage,
    "segment:": segment,
    "value:": value,
    "second_order_due": second_order_due,
    "unusual_order": unusual_order,
    "discount_driven": discount_driven,
    "refund_prone": refund_prone,
    "weekend_shopper": weekend_shopper,
    "cart_abandoner": cart_abandoner,
    "hesitating": hesitating,
    "interest:": interest,
    **{of.family: habit(of) for of in habits.HABITS},
}
"""Families, in the order in which their changes are told."""

TABLED = ("segment:", "value:")
"""Families whose changes name the table they were judged by."""


def members(family: str, tags: dict[str, int]) -> list[str]:
    """Names within a family of the tags held."""
    return [tag.removeprefix(family) for tag in tags if tag == family or (":" in family and tag.startswith(family))]


def changes(known: Known, tags: dict[str, int], now: int) -> list[tuple[str, str]]:
    """What changes now: (kind, tag), in the order of telling."""
    found: list[tuple[str, str]] = []
    for family, rule in RULES.items():
        held = members(family, tags)
        wanted = rule(known, held, now) if somebody(known.history) else []
        found += [("exited", family + name) for name in held if name not in wanted]
        found += [("entered", family + name) for name in wanted if name not in held]
    return found


def next_change(known: Known, tags: dict[str, int], now: int) -> int | None:
    """When time alone may change a tag next."""
    second = buying.second_order(known.book, known.settings) or ()
    liked = favourites.over_at(known.history, members("interest:", tags), known.settings)
    dues = [*second, unusual.over_at(known.book), abandoner_until(known), views.over_at(known.history), liked]
    return min((due for due in dues if due is not None and due > now), default=None)
