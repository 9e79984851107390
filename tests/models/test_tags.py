"""Each tag by its rule, on histories worked out by hand. Days are counted from the first event."""

from __future__ import annotations

import pytest

from models.features import ShopSettings
from models.kernel.events import Added, Browsed, Cancelled, Line, Ordered, Refunded, Replaced
from models.kernel.settings import DAY, HOUR, MINUTE
from models.rfm.cuts import Cuts
from tests.models.shopper import E0, Shopper

LINE = Line("p1", 1, 500)
CUTS = Cuts(20231101, 500, monetary=(1_000, 2_000, 4_000, 8_000))


def test_value_is_the_monetary_score() -> None:
    shopper = Shopper(cuts=CUTS).buys(0, 7_999)
    assert shopper.told("value") == [("entered", "value:medium", 0)]
    shopper.does(Ordered("b", 1, True), E0)
    assert shopper.told("value")[1:] == [("exited", "value:medium", 0), ("entered", "value:high", 0)]
    assert [c.table for c in shopper.changes if c.tag.startswith("value")] == ["cuts/20231101"] * 3
    shopper.does(Refunded("r", "b", 1), E0 + 1)  # an own order event: no margin
    assert shopper.held == {"value:medium"}
    gone = shopper.does(Cancelled("o0"), E0 + 5).does(Cancelled("b"), E0 + 6)
    assert not [tag for tag in gone.held if tag.startswith("value")]
    assert gone.changes[-1].reason == "no valid order left"


@pytest.mark.parametrize(("cut", "tier"), [(8_000, "high"), (8_799, "high"), (8_801, "medium")])
def test_another_table_ends_a_tier_where_it_passes_the_buyer_by_a_tenth(cut: int, tier: str) -> None:
    shopper = Shopper(cuts=CUTS).buys(0, 8_000)
    shopper.ctx.enforce("cuts", Cuts(20231102, 500, monetary=(1_000, 2_000, 4_000, cut)))
    assert shopper.looks(1).held & {"value:high", "value:medium"} == {f"value:{tier}"}


def test_interest_enters_at_three_and_leaves_below_one() -> None:
    shopper = Shopper().looks(0, category="shoes").looks(0, category="shoes")
    assert shopper.told("interest") == [("entered", "interest:shoes", 0)]  # 2 + 2 at the same time
    assert shopper.changes[-1].reason == "affinity 4.0"
    shopper.looks(20).rests(40)
    assert shopper.told("interest")[1:] == [("exited", "interest:shoes", 27)]  # 14 d · log2(4) = 28 d, rounded down
    assert not Shopper().looks(0, category="shoes", weight=3).held  # a single event of the clickstream
    assert not Shopper().looks(0, category="shoes", weight=1).looks(1, category="shoes", weight=1).held


def test_the_second_event_may_be_about_something_else() -> None:
    """Nobody is tagged by one event; with the second, what the first has shown counts."""
    settings = ShopSettings(currency="USD", interest_half_life=8 * DAY)  # divides E0's distance: no rounding
    at = E0 - E0 % (8 * DAY) + 946_684_800_000 % (8 * DAY)
    shopper = Shopper(settings).does(Browsed("shoes", 3), at)
    assert not shopper.held
    assert shopper.does(Browsed(), at).held == {"interest:shoes"}


def test_only_five_interests_and_a_sixth_must_be_a_quarter_stronger() -> None:
    shopper = Shopper()
    for category in "abcdef":
        shopper.looks(0, category=category, weight=3).looks(0, category=category, weight=1)
    assert shopper.held == {f"interest:{c}" for c in "abcde"}
    shopper.looks(0, category="f", weight=1)  # 5 to 4: 1.25, not more
    assert "interest:f" not in shopper.held
    shopper.looks(0, category="f", weight=1)
    assert shopper.told("interest")[-2:] == [("exited", "interest:e", 0), ("entered", "interest:f", 0)]


def test_a_held_interest_that_leaves_the_list_is_left() -> None:
    shopper = Shopper().looks(0, category="old", weight=3).looks(0, category="old", weight=1)
    for i in range(8):
        shopper.looks(20, category=f"c{i}", weight=3)
    assert ("exited", "interest:old", 20) in shopper.told("interest")


def test_hesitating_is_three_views_of_a_product_without_a_cart() -> None:
    shopper = Shopper().looks(0, "p").looks(1, "q").looks(2, "p")
    assert not shopper.told("hesitating")
    assert shopper.looks(3, "p").told("hesitating") == [("entered", "hesitating", 3)]
    shopper.looks(4, "q").rests(10.5)
    assert "hesitating" in shopper.held
    shopper.rests(11)
    assert shopper.told("hesitating")[1:] == [("exited", "hesitating", 11)]


def test_a_view_that_is_read_late_makes_hesitating_again() -> None:
    """The tag ended at day 9; a view of day 8, read on day 10, says that it lasts until day 15."""
    shopper = Shopper().looks(0, "p").looks(1, "p").looks(2, "p").rests(10).looks(8, "p")
    assert shopper.told("hesitating")[1:] == [("exited", "hesitating", 9), ("entered", "hesitating", 10)]
    assert shopper.rests(20).told("hesitating")[3:] == [("exited", "hesitating", 15)]


@pytest.mark.parametrize("end", [Added("c", (LINE,)), Replaced("c", (LINE,)), Ordered("o", 100)])
def test_whoever_puts_something_into_a_cart_hesitates_no_more(end: Added | Replaced | Ordered) -> None:
    shopper = Shopper().looks(0, "p").looks(0.1, "p").looks(0.2, "p")
    assert shopper.does(Replaced("c", ()), E0 + DAY).held == {"hesitating"}
    assert "hesitating" not in shopper.does(end, E0 + 2 * DAY).held
    assert "hesitating" not in shopper.looks(2.1, "p").looks(2.2, "p").held


def test_views_are_forgotten() -> None:
    assert (
        not Shopper().looks(0, "p").looks(1, "p").looks(8.1, "p").told("hesitating")
    )  # seven days after the last view
    five = Shopper().looks(0, "p").looks(0.1, "p")
    for i, product in enumerate("abcd"):
        five.looks(1 + i / 10, product)
    assert not five.looks(2, "p").told("hesitating")  # only four products are remembered


def test_cart_abandoner_is_two_expired_generations_within_ninety_days() -> None:
    shopper = Shopper().does(Added("c", (LINE,)), E0).does(Added("d", (LINE,)), E0 + 10 * DAY)
    shopper.rests(17)
    assert not shopper.held  # the second window ends 30 minutes later
    shopper.rests(18)
    assert shopper.told("cart_abandoner") == [("entered", "cart_abandoner", 17)]
    shopper.looks(40).looks(65).rests(91)
    assert shopper.told("cart_abandoner")[1:] == [("exited", "cart_abandoner", 90)]
    assert shopper.changes[-1].as_of == E0 + 30 * MINUTE + 90 * DAY


def test_a_cart_that_was_ordered_is_not_abandoned() -> None:
    shopper = Shopper().does(Added("c", (LINE,)), E0).buys(1).does(Added("d", (LINE,)), E0 + 10 * DAY).rests(20)
    assert "cart_abandoner" not in shopper.held


def test_discount_driven() -> None:
    shopper = Shopper()
    for day, discounted in enumerate((True, False, False, True, False, False)):
        shopper.buys(day, discounted=discounted)
    assert shopper.told("discount") == [  # 2 of 4; 2 of 6 is less than .35
        ("entered", "discount_driven", 3),
        ("exited", "discount_driven", 5),
    ]
    assert shopper.changes[-1].reason == "2 of 6 valid orders with a coupon or discount"


def test_refund_prone_counts_orders_of_which_something_was_refunded() -> None:
    shopper = Shopper().buys(0, order="a").buys(1, order="b").buys(2, order="c")
    shopper.does(Refunded("1", "a", 1), E0 + 3 * DAY).does(Refunded("2", "a", 1), E0 + 4 * DAY)
    assert "refund_prone" not in shopper.held
    shopper.does(Refunded("3", "b"), E0 + 5 * DAY)
    assert shopper.told("refund") == [("entered", "refund_prone", 5)]
    shopper.does(Cancelled("b"), E0 + 6 * DAY)  # one of two
    assert shopper.told("refund")[1:] == [("exited", "refund_prone", 6)]


def test_weekend_shopper_is_by_the_first_reports_of_orders_where_the_shopper_is() -> None:
    friday = E0 + 3 * DAY  # 22:13 in London: Saturday in Berlin
    berlin, shopper = {"timezone": "Europe/Berlin"}, Shopper()
    for week in range(4):
        shopper.does(Ordered(f"w{week}", 1, True), friday + 7 * week * DAY + DAY)
        shopper.does(Ordered(f"w{week}", 1, True), friday + 7 * week * DAY + 3 * DAY)  # told again on a Monday
    assert shopper.told("weekend") == [("entered", "weekend_shopper", 18)]  # the third Saturday
    assert "3 of 3 orders on a Saturday or Sunday" in [change.reason for change in shopper.changes]
    shopper.buys(35).buys(36).buys(37)  # from Tuesday on
    assert "weekend_shopper" in shopper.held  # 4 of 7: 5 / 10.5
    shopper.buys(38)
    assert shopper.told("weekend")[1:] == [("exited", "weekend_shopper", 38)]  # 4 of 8: 5 / 11.5
    at_home, abroad = Shopper(), Shopper()
    for week in range(3):
        at_home.does(Ordered(f"f{week}", 1, True), friday + 7 * week * DAY)
        abroad.does(Ordered(f"f{week}", 1, True), friday + 7 * week * DAY + 2 * HOUR, berlin)
    assert not at_home.told("weekend")
    assert abroad.told("weekend") == [("entered", "weekend_shopper", 17)]


def test_second_order_due() -> None:
    shopper = Shopper().buys(0).rests(20)
    assert not shopper.told("second")
    shopper.rests(100)
    assert shopper.told("second") == [("entered", "second_order_due", 21), ("exited", "second_order_due", 90)]
    assert Shopper().buys(0).rests(30).buys(31).told("second")[-1] == ("exited", "second_order_due", 31)
    early = Shopper(ShopSettings(currency="USD", second_order_after=DAY, second_order_until=2 * DAY)).buys(0).rests(9)
    assert [day for _, _, day in early.told("second")] == [1, 2]


def test_an_unusual_order_is_told_with_its_score() -> None:
    shopper = Shopper().buys(0, 1_000).buys(1, 1_100).buys(2, 900)
    assert not shopper.buys(3, 1_150).told("unusual")
    shopper.buys(4, 5_000)
    assert shopper.told("unusual") == [("entered", "unusual_order", 4)]
    assert [c.score for c in shopper.changes if c.tag == "unusual_order"] == [1.0]
    shopper.rests(50)
    assert shopper.told("unusual")[1:] == [("exited", "unusual_order", 34)]


def test_twice_the_usual_amount_is_needed() -> None:
    """Equal orders leave no room: the least difference scores 1, but is not unusual."""
    shopper = Shopper().buys(0, 1_000).buys(1, 1_000).buys(2, 1_000)
    assert not shopper.buys(3, 1_999).told("unusual")
    assert Shopper().buys(0, 1_000).buys(1, 1_000).buys(2, 1_000).buys(3, 2_001).told("unusual")


def test_refunds_and_unknown_amounts_are_no_sizes() -> None:
    shopper = Shopper().buys(0, 1_000).buys(1, None).buys(2, 1_000).buys(3, 1_000).buys(4, 9_000, "big")
    assert "unusual_order" in shopper.held
    assert "unusual_order" not in shopper.does(Cancelled("big"), E0 + 5 * DAY).held


def test_orders_beyond_the_ring_still_count() -> None:
    shopper = Shopper()
    for day in range(20):
        shopper.buys(day, 1_000 + day, discounted=day < 10)
    past = shopper.state("orders").older
    assert past is not None
    assert (past.discounted, past.kept, past.touched) == (4, 4, 0)
    assert "discount_driven" in shopper.held
    assert "unusual_order" in shopper.buys(20, 9_000).held


def visits(shopper: Shopper, *hours: float, day: int = 0, context: object = None) -> Shopper:
    """One visit a day at these hours, UTC."""
    midnight = E0 - E0 % DAY
    for i, hour in enumerate(hours):
        shopper.does(Browsed(), midnight + (day + i) * DAY + round(hour * HOUR), context)
    return shopper


def test_active_hour_needs_three_visits_and_a_quarter() -> None:
    shopper = visits(Shopper(), 20, 20, 20.9)
    assert shopper.told("active") == [("entered", "active_hour:20", 1)]  # (3 + .42) / 13 = .26
    once_else = visits(Shopper(), 1, 20, 20, 20)  # (3 + .42) / 14 = .24
    assert not once_else.told("active")
    assert visits(once_else, 20, day=4).told("active") == [("entered", "active_hour:20", 3)]  # (4 + .42) / 15 = .29


def test_an_active_hour_gives_way_to_a_clearly_stronger_one() -> None:
    shopper = visits(Shopper(), 20, 20, 20, 8, 8, 8)
    assert shopper.held == {"active_hour:20"}  # as strong is not stronger
    visits(shopper, 8, day=6)
    assert shopper.held == {"active_hour:08"}  # 4.42 to 3.42 is more than 1.25
    assert [kind for kind, tag, _ in shopper.told("active") if tag.endswith("20")] == ["entered", "exited"]


def test_a_visit_is_its_first_event() -> None:
    shopper = Shopper()
    for minute in (0, 10, 30, 59):
        shopper.does(Browsed(), E0 + minute * MINUTE)
    assert shopper.p is not None
    counts = shopper.ctx.effects.counts
    assert (shopper.p.visits, counts["visits:hour:22"], counts["visits:weekday:tue"]) == (1, 1, 1)


def test_the_hour_is_the_shoppers_own() -> None:
    shopper = visits(Shopper(), 20, 20, 20, context={"timezone": "Asia/Tokyo"})
    assert shopper.held == {"active_hour:05"}
    assert visits(Shopper(), 20, 20, 20, context={"timezone": "Mars/Base"}).held == {"active_hour:20"}


def test_the_shops_own_hours_are_the_prior() -> None:
    """Where two thirds come at eight in the evening, three such visits are no habit of anybody in particular."""
    evening = Cuts(20231101, 500, hours=(1,) * 20 + (46,) + (1,) * 3)
    shopper = visits(Shopper(cuts=evening), 9, 9, 9)
    assert not shopper.held  # 20 h: 10 · 46/69 / 13 = .51; 9 h: (3 + 10/69) / 13 = .24
    assert not visits(shopper, 9, 9, 9, day=3).held  # 6.14 against 6.67
    assert visits(shopper, 9, day=6).held == {"active_hour:09"}  # 7.14


def test_active_weekday_needs_five_of_five_days_where_the_shop_is_even() -> None:
    shopper = Shopper()
    for week in range(4):
        shopper.looks(7 * week).looks(7 * week + 1 / 24)  # E0 is 22:13 on a Tuesday: the second visit too
    assert not shopper.told("active_weekday")  # (4 + 20/7) / 24 = .286
    assert shopper.state("habits").weekdays == [1, 4]
    shopper.looks(28)  # (5 + 20/7) / 25 = .314
    assert shopper.told("active_weekday") == [("entered", "active_weekday:tue", 28)]
    assert shopper.changes[-1].reason == "5 of 5 days with a visit, expected share 0.31"


def test_a_weekday_that_all_come_on_needs_five_days_and_another_more() -> None:
    saturdays = Cuts(20231101, 500, weekdays=(1, 1, 1, 1, 1, 15, 1))
    shopper = Shopper(cuts=saturdays)
    for week in range(4):
        shopper.looks(7 * week + 4)
    assert shopper.held == {"active_hour:22"}  # (4 + 20 · 15/21) / 24 = .76, but four days are too few anywhere
    assert shopper.looks(32).held == {"active_hour:22", "active_weekday:sat"}
    shopper = Shopper(cuts=saturdays)
    for week in range(13):
        shopper.looks(7 * week)
    assert shopper.held == {"active_hour:22"}  # Tuesdays (13 + 20/21) / 33 = .42; Saturdays 14.29 / 33 = .43
    assert shopper.looks(91).held == {"active_hour:22", "active_weekday:tue"}


def test_the_date_is_that_of_the_shoppers_clock() -> None:
    """Both visits are on one date in UTC, and on two in Tokyo, where midnight is at 15:00 UTC."""
    for zone, days in ((None, [1, 1]), ("Asia/Tokyo", [1, 1, 2, 1])):
        shopper = visits(Shopper(), 14, -8, context={"timezone": zone})
        assert shopper.state("habits").weekdays == days


def test_device_and_channel() -> None:
    phone = {"device": {"type": "Mobile"}, "campaign": {"medium": "E-Mail"}}
    desk = {"device": {"type": "desktop"}, "campaign": {"source": "News"}}
    shopper = visits(Shopper(), 1, 4, 7, context=phone)
    assert shopper.held == {"device:mobile", "channel:e-mail"}  # (3 + 2/3) / 5 = .73, (3 + 1/4) / 5 = .65
    visits(shopper, 10, 13, 16, 19, day=3, context=desk)  # mobile (3 + 2/3) / 9 = .41: gone; desktop .52: not yet
    assert shopper.held == {"channel:e-mail"}  # .36 still
    visits(shopper, 22, 1, 5, day=7, context=desk)  # desktop (7 + 2/3) / 12 = .64, news (7 + 1/4) / 12 = .60
    assert shopper.held == {"device:desktop", "channel:news"}
    counts = shopper.ctx.effects.counts
    assert (counts["visits:device:mobile"], counts["visits:channel:news"]) == (3, 7)


def test_a_visit_that_does_not_tell_its_device_counts_for_no_device() -> None:
    shopper = visits(Shopper(), 1, 4, 7, 10, 13, context=None)
    visits(shopper, 16, 19, 22, day=5, context={"device": {"type": "tv"}})
    assert shopper.held == {"device:tv"}


def test_only_four_kinds_of_devices_are_counted() -> None:
    shopper = Shopper()
    for day, kind in enumerate("abcdeeeee"):
        visits(shopper, 2 * day, day=day, context={"device": {"type": kind}})
    assert not shopper.told("device")
    assert "e" not in shopper.ctx.vocabulary.ids


def test_names_without_a_number_are_tags_that_nobody_counts() -> None:
    shopper = Shopper()
    shopper.ctx.vocabulary.ids = {f"n{i}": i for i in range(4_096)}
    shopper.ctx.vocabulary.names = list(shopper.ctx.vocabulary.ids)
    visits(shopper, 1, 4, 7, context={"device": {"type": "tv"}})
    shopper.looks(6, category="hats", weight=3).looks(6, category="hats").rests(60)
    told = [(kind, tag) for kind, tag, _ in shopper.told("device", "interest")]
    assert told[:2] == [("entered", "device:tv"), ("entered", "interest:hats")]
    assert sorted(told[2:]) == [("exited", "device:tv"), ("exited", "interest:hats")]
    assert not any(":tv" in name or ":hats" in name for name in shopper.ctx.effects.counts)


def test_whoever_is_forgotten_leaves_every_tag_by_name() -> None:
    shopper = visits(Shopper(), 1, 4, 7, context={"device": {"type": "tv"}})
    shopper.looks(3, "p", "hats", weight=3).looks(3, "p", "hats").looks(3, "p").rests(60)
    assert shopper.p is None
    last = [(c.tag, c.reason[:7]) for c in shopper.changes[-3:]]
    assert last == [("stage:active", "expired"), ("device:tv", "expired"), ("interest:hats", "expired")][: len(last)]


def test_a_bot_leaves_its_tag_with_the_time_it_was_entered() -> None:
    shopper = Shopper(ShopSettings(currency="USD", bot_rate=3))
    for second in range(5):
        shopper.does(Browsed(), E0 - E0 % MINUTE + second * 1_000)
    shopper.rests(60)
    [entered, exited] = [c for c in shopper.changes if c.tag == "bot"]
    assert (entered.as_of, exited.since) == (E0 - E0 % MINUTE + 3_000, E0 - E0 % MINUTE + 3_000)
