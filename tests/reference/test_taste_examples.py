"""The reference's favourite categories, against decay worked out by hand."""

from __future__ import annotations

from models.features import ShopSettings
from models.kernel.settings import DAY
from tests.reference.by_hand import like, told
from tests.reference.interest import weights
from tests.reference.logs import START, Logs


def test_a_favourite_from_three_clicks_until_less_than_one() -> None:
    logs = Logs()
    like(logs, 0, "shoes", 2, "Product Viewed")  # 4 clicks: two half-lives until it is 1
    then = (START // DAY - 10_957) * 256 // 14 + 256 + 256  # in stored steps
    gone = then * 14 * DAY // 256 + 1 - (START - 10_957 * DAY)
    assert 28 * DAY - 14 * DAY // 256 <= gone <= 28 * DAY + 1
    # The first click alone is nobody yet.
    expected = [("entered", "interest:shoes", 1 / DAY), ("exited", "interest:shoes", gone / DAY)]
    logs.track("Page Viewed", "u", DAY)
    assert told(logs, "interest", 29) == expected


def test_two_clicks_are_no_favourite() -> None:
    logs = Logs()
    like(logs, 0, "shoes", 2, "Product List Viewed")
    assert told(logs, "interest", 29) == []


def test_five_favourites_and_a_sixth_only_if_it_is_a_quarter_stronger() -> None:
    logs = Logs()
    for category in "dbace":
        like(logs, 0, category, 4)
    like(logs, 1, "f", 4)
    assert sorted(tag for _, tag, _ in told(logs, "interest", 0.5)) == [f"interest:{c}" for c in "abcde"]
    like(logs, 800, "f", 2)  # half as much again
    assert [x[:2] for x in told(logs, "interest", 1)[5:]] == [("exited", "interest:e"), ("entered", "interest:f")]


def test_a_ninth_category_takes_the_place_of_the_weakest() -> None:
    logs = Logs()
    like(logs, 0, "z", 2, "Product Viewed")
    for i, category in enumerate("abcdefg"):
        like(logs, 1_440 + i, category, 2, "Product Viewed")  # stronger than z by a day's decay, not by a quarter
    like(logs, 9_360, "h")  # 3 clicks, six and a half days later, outweigh the 4 of z
    logs.tick(9 * DAY)
    history = logs.world().shoppers["u"].history
    assert set(weights(history, ShopSettings())) == set("abcdefgh")
    assert told(logs, "interest", 9)[5:] == [
        ("exited", "interest:z", 6.5),
        ("entered", "interest:e", 6.5),  # as strong as f and g
    ]
