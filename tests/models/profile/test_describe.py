"""A profile as people see it."""

from __future__ import annotations

from models.features import SHOPPERS, ShopSettings
from models.kernel.moment import Moment
from models.kernel.shopper import Profile
from models.profile import codec
from models.profile.describe import describe


def test_a_short_name_the_vocabulary_had_no_room_for_is_shown_as_it_is() -> None:
    """Only hours are padded, and only weekdays are named by their numbers."""
    p = Profile(0, 0)
    moment = Moment(SHOPPERS.context(ShopSettings()), "u", p, 0, 0, None, SHOPPERS)
    habits = moment.ensure(SHOPPERS.named["habits"])
    habits.hours, habits.devices, habits.channels = [7, 2], ["x", 1, 0, 3], ["y", 1]
    habits.weekdays = [6, 1, 0, 4]
    shown = describe(codec.decode(codec.encode(p)), {"tv": 0}, ShopSettings())
    assert (shown["hours"], shown["devices"], shown["channels"]) == ({"07": 2}, {"tv": 3, "x": 1}, {"y": 1})
    assert list(shown["weekdays"].items()) == [("mon", 4), ("sun", 1)]
