"""The reference's habits, against shares counted by hand and River's Beta."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from river.proba import Beta

from models.features import ShopSettings
from models.kernel.events import Browsed
from models.kernel.settings import DAY
from tests.reference.by_hand import order, told, visit
from tests.reference.habits import HABITS, counts, local_hour, mean
from tests.reference.history import Own
from tests.reference.logs import START, Logs


def test_the_hour_is_the_shoppers_own() -> None:
    logs = Logs()
    for day in (0, 1, 2):
        visit(logs, day + 22 / 24, timezone="Asia/Kolkata")
    visit(logs, 2 + 22.4 / 24, timezone="Asia/Kolkata")  # the same visit, although it is 03:54 there now
    for day in (3, 4, 5, 6):
        visit(logs, day + 5 / 24, timezone="Mars/Olympus")
    day = 6 + 5 / 24
    assert told(logs, "active", 8) == [
        ("entered", "active_hour:03", 2 + 22 / 24),
        ("exited", "active_hour:03", day),
        ("entered", "active_hour:05", day),
    ]
    counted = {name: n for name, n in logs.world().counts.items() if name.startswith("visits:")}
    assert counted == {
        "visits:hour:03": 3, "visits:hour:05": 4,
        "visits:weekday:fri": 1, "visits:weekday:sat": 1, "visits:weekday:sun": 2,
        "visits:weekday:mon": 1, "visits:weekday:tue": 1, "visits:weekday:wed": 1,
    }  # fmt: skip


def test_summer_time_moves_the_hour() -> None:
    march, april = (START // 1000 + 86_400 * day for day in (70, 100))  # 12 March, 11 April 2026
    event = Browsed()
    hours = [local_hour(Own(at * 1000, 0, event, 0, 0, True, "Europe/Berlin")) for at in (march, april)]
    assert hours == ["01", "02"]
    assert local_hour(Own(START, 0, event, 0, 0, True, "America/New_York")) == "19"


def test_an_hour_fades_among_others() -> None:
    logs = Logs()
    for day in range(3):
        visit(logs, day)
    for day in range(3, 17):
        visit(logs, day + (1 + (day - 3) // 2) / 24)  # two visits at every other hour
    # 3.42 / (N + 10) falls below .15 with the 13th visit
    assert [(kind, round(day, 2)) for kind, _, day in told(logs, "active", 20)] == [("entered", 2), ("exited", 12.21)]


def test_a_weekday_is_the_shoppers_own_and_counts_once_a_day() -> None:
    logs = Logs()
    for week in range(5):  # Fridays at 20:00, 22:00 and 23:00 UTC: in Berlin the third visit is on a Saturday
        for hour in (20, 22, 23):
            visit(logs, 7 * week + 1 + hour / 24, timezone="Europe/Berlin")
    saturdays = told(logs, "active_weekday", 30)
    assert saturdays == []  # 5 of 10 each: (5 + 20/7) / 30 = .26
    for week in range(5, 10):
        for hour in (5, 10, 15):
            visit(logs, 7 * week + 2 + hour / 24, timezone="Europe/Berlin")
    # (6 + 20/7) / 31 = .29 on the first of these Saturdays, (7 + 20/7) / 32 = .31 on the second
    assert told(logs, "active_weekday", 75) == [("entered", "active_weekday:sat", 44 + 5 / 24)]
    counted = {name: n for name, n in logs.world().counts.items() if name.startswith("visits:weekday:")}
    assert counted == {"visits:weekday:fri": 5, "visits:weekday:sat": 10}


def test_a_weekday_gives_way_to_another() -> None:
    logs = Logs()
    for week in range(5):
        visit(logs, 7 * week)
    for week in range(7):
        visit(logs, 7 * (week + 5) + 1)
    # 5 of 5: (5 + 20/7) / 25 = .314; 7 of 12 to 5: 9.86 is more than 1.25 times 7.86, and .308 of 32
    assert told(logs, "active_weekday", 80) == [
        ("entered", "active_weekday:thu", 28),
        ("exited", "active_weekday:thu", 78),
        ("entered", "active_weekday:fri", 78),
    ]


def test_a_device_and_then_another() -> None:
    logs = Logs()
    for day in range(3):
        visit(logs, day, device={"type": "Mobile"})
    for day in range(3, 12):
        visit(logs, day, device={"type": "desktop"})
    visit(logs, 12)  # it says nothing
    # mobile 3.67 of 9 on day 6; desktop 6.67 of 11 on day 8
    assert told(logs, "device", 13) == [
        ("entered", "device:mobile", 2),
        ("exited", "device:mobile", 6),
        ("entered", "device:desktop", 8),
    ]
    assert logs.world().counts["visits:device:desktop"] == 9


def test_a_fifth_device_is_not_counted() -> None:
    logs = Logs()
    for day, kind in enumerate(("a", "b", "c", "d", "e", "e", "e", "a", "x" * 40)):
        visit(logs, day, device={"type": kind})
    logs.tick(10 * DAY)
    device = HABITS[2]
    assert counts(device, logs.world().shoppers["u"].history, ShopSettings()) == {"a": 2, "b": 1, "c": 1, "d": 1}


def test_the_channel_is_the_medium_else_the_source() -> None:
    logs = Logs()
    for day in range(3):
        visit(logs, day, campaign={"medium": "Email", "source": "x"})
    for day in range(3, 8):
        visit(logs, day, campaign={"source": "Newsletter" * 4})
    name = ("newsletter" * 4)[:32]
    assert told(logs, "channel", 13) == [
        ("entered", "channel:email", 2),
        ("exited", "channel:email", 7),  # 3.25 of 10, and the other 5.25
        ("entered", f"channel:{name}", 7),
    ]


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.family)
def test_the_posterior_mean_is_rivers(habit: Any) -> None:
    prior = float(habit.prior)
    beta = Beta(habit.strength * prior, habit.strength * (1 - prior))
    for n, came in enumerate([1, 0, 0, 1, 1, 0, 1], 1):
        beta.update(bool(came))
        visits = beta.alpha - habit.strength * prior
        assert float(mean(habit, round(visits), n)) == pytest.approx(beta.alpha / (beta.alpha + beta.beta), abs=1e-12)
    assert mean(habit, 0, 0) == habit.prior
    assert sum(mean(HABITS[0], n, 7) for n in [7] + [0] * 23) == Fraction(1)


def test_orders_on_weekends() -> None:
    logs = Logs()  # begins on a Thursday
    for week in range(3):
        order(logs, 7 * week + 2, week)
        order(logs, 7 * week + 6, week)  # a repeat
    for name, day in (("a", 21), ("b", 22), ("c", 25)):
        order(logs, day, name)
    assert told(logs, "weekend") == [("entered", "weekend_shopper", 16), ("exited", "weekend_shopper", 25)]
    assert not told(logs, "weekend_shopper:")
