"""Habits: at which hour, on which weekday and device and through which channel a shopper comes (Beta counts)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from models.features import ShopSettings
from tests.reference.history import Own, newest
from tests.reference.lifecycle import arrivals
from tests.reference.orders import first_reports

AHEAD = Fraction(5, 4)
"""How far another kind must lead to take the place of the one held."""

ZONES = available_timezones()


class Habit(NamedTuple):
    """What is counted of a visit (`kind`; "": this one is not counted), and when it is a habit.

    `kinds` is how many different ones are told apart; `prior` and `strength` are the mean and the number of visits
    that are assumed of each before the first. `daily`: of the visits of one date only the first is counted. `often`:
    how many of a kind make a habit.
    """

    family: str
    kind: Callable[[Own], str]
    kinds: int
    strength: int
    prior: Fraction
    enter: Fraction
    stay: Fraction
    daily: bool = False
    often: int = 3


def local(own: Own) -> datetime:
    """Date and time on the shopper's own clock; UTC where the zone is unknown."""
    return datetime.fromtimestamp(own.e / 1000, ZoneInfo(own.zone) if own.zone in ZONES else UTC)


def local_hour(own: Own) -> str:
    """Hour of the shopper's own clock."""
    return f"{local(own).hour:02}"


def local_weekday(own: Own) -> str:
    """Day of the week by the shopper's own clock."""
    return f"{local(own):%a}".lower()


def part(numerator: int, denominator: int) -> Fraction:
    """A share, exactly."""
    return Fraction(numerator, denominator)


HABITS = (
    Habit("active_hour:", local_hour, 24, 10, part(1, 24), part(25, 100), part(15, 100)),
    Habit("active_weekday:", local_weekday, 7, 20, part(1, 7), part(30, 100), part(20, 100), daily=True, often=5),
    Habit("device:", lambda own: own.device, 4, 2, part(1, 3), part(60, 100), part(45, 100)),
    Habit("channel:", lambda own: own.channel, 6, 2, part(1, 8), part(50, 100), part(35, 100)),
)


def counts(habit: Habit, history: list[Own], settings: ShopSettings) -> Counter[str]:
    """Visits by kind. Kinds beyond the first few are not counted at all."""
    found: Counter[str] = Counter()
    for own in arrivals(history, settings):
        kind = "" if habit.daily and came_that_day(history, own) else habit.kind(own)
        if kind and (kind in found or len(found) < habit.kinds):
            found[kind] += 1
    return found


def came_that_day(history: list[Own], own: Own) -> bool:
    """Whether the newest event before was on the same date, by the clock where the shopper is now."""
    before = history[: history.index(own)]
    return bool(before) and local(own._replace(e=newest(before))).date() == local(own).date()


def mean(habit: Habit, visits: int, all_visits: int) -> Fraction:
    """Posterior mean of the share of a kind with so many visits out of all that were counted."""
    return (visits + habit.strength * habit.prior) / (all_visits + habit.strength)


def judge(habit: Habit, history: list[Own], held: str | None, settings: ShopSettings) -> str | None:
    """The kind that is the shopper's habit, given the one held until now."""
    found = counts(habit, history, settings)
    if not found:
        return None
    means = {kind: mean(habit, n, found.total()) for kind, n in found.items()}
    best = min(means, key=lambda kind: (-means[kind], kind))
    enters = found[best] >= habit.often and means[best] >= habit.enter
    if held is None or means[held] < habit.stay:
        return best if enters else None
    return best if enters and means[best] > AHEAD * means[held] else held


def weekend_shopper(history: list[Own], held: bool) -> bool:
    """Whether most orders come on weekends: three at least, and a share of 60 of 100 (to stay: 45) if one order on a
    weekend in three and a half is assumed of everybody. An order is made when its first report says so."""
    first = first_reports(history)
    weekend = sum(f"{local(own):%a}" in ("Sat", "Sun") for own in first)
    share = (weekend + 1) / (len(first) + Fraction(7, 2))
    return weekend >= 3 and share >= (part(45, 100) if held else part(60, 100))
