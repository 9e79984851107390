"""Where people live, and how their day goes. All zones keep one offset all year, so no zone database is asked."""

from __future__ import annotations

from typing import NamedTuple

from kairos.simulate.draws import Draws, table
from models.kernel.settings import DAY, HOUR, MINUTE


class Place(NamedTuple):
    """A time zone with its offset from UTC in ms, and the language of its people."""

    zone: str
    offset: int
    locale: str


PLACES = (
    Place("America/Phoenix", -7 * HOUR, "en-US"),
    Place("America/Panama", -5 * HOUR, "es-PA"),
    Place("America/Sao_Paulo", -3 * HOUR, "pt-BR"),
    Place("Africa/Lagos", HOUR, "en-NG"),
    Place("Europe/Istanbul", 3 * HOUR, "tr-TR"),
    Place("Asia/Kolkata", 5 * HOUR + 30 * MINUTE, "en-IN"),
    Place("Asia/Shanghai", 8 * HOUR, "zh-CN"),
    Place("Asia/Tokyo", 9 * HOUR, "ja-JP"),
)
SHARES = table((45, 15, 8, 4, 6, 8, 7, 7))

RHYTHM = (
    2.0,
    1.2,
    0.8,
    0.6,
    0.6,
    0.8,
    1.4,
    2.4,
    3.6,
    4.8,
    5.4,
    5.6,
    5.6,
    5.6,
    5.6,
    5.5,
    5.4,
    5.3,
    5.4,
    5.8,
    6.2,
    6.0,
    4.8,
    3.2,
)
"""How much of the day's traffic each hour of the local day has."""
HOURS = table(RHYTHM)
PEAK = max(RHYTHM)
SLEEP, WAKE = 1, 7
"""Hours of the local day between which nobody goes on with what was begun the day before."""


def place(draws: Draws) -> Place:
    """Somewhere."""
    return PLACES[draws.index(SHARES)]


def awake(at: int, offset: int, draws: Draws) -> bool:
    """True as often as people are about at this moment (ms), 1 at the day's peak."""
    return draws.random() * PEAK < RHYTHM[(at + offset) % DAY // HOUR]


def night(at: int, offset: int) -> bool:
    """Whether it is night (at `at`, in ms)."""
    return SLEEP <= (at + offset) % DAY // HOUR < WAKE


def morning(at: int, offset: int, draws: Draws) -> int:
    """Some time in the morning after the night of `at` (ms)."""
    return at_hour(at, offset, WAKE + 2 * draws.random())


def hour(draws: Draws) -> float:
    """An hour of the local day, 0 <= hour < 24, as the day's rhythm has it."""
    return draws.index(HOURS) + draws.random()


def at_hour(at: int, offset: int, hour: float) -> int:
    """The moment of the same local day as `at` (ms) that has this local hour.

    >>> at_hour(DAY + 5 * HOUR, -6 * HOUR, 9.5) == 15.5 * HOUR
    True
    """
    return (at + offset) // DAY * DAY - offset + int(hour * HOUR)
