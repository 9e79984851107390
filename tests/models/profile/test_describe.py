"""A profile as people see it."""

from __future__ import annotations

import msgspec

from models.kernel.settings import Settings
from models.kernel.shopper import Profile
from models.profile.describe import describe


def test_a_short_name_the_vocabulary_had_no_room_for_is_shown_as_it_is() -> None:
    """Only hours are padded."""
    packed = msgspec.msgpack.encode([[7, 2], ["x", 1, 0, 3], ["y", 1]])
    shown = describe(Profile(0, 0, habits=packed), {"tv": 0}, Settings())
    assert (shown["hours"], shown["devices"], shown["channels"]) == ({"07": 2}, {"tv": 3, "x": 1}, {"y": 1})
