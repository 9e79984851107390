"""Pages of members: whatever the limit, together they are the whole roll, and a member who leaves moves nobody."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from dashboard.answers.members import Members, as_csv, members, position
from dashboard.rolls import Roll
from dashboard.shop import ShopView
from dashboard.snapshot import Snapshot
from models.features import ShopSettings
from sinks.members import Member
from sinks.summary import merge

SNAPSHOT = Snapshot(at=0, shards=(), summary=merge([{"shoppers": "9"}]), model=None)
SHOP = ShopView(settings=ShopSettings())

rolls = st.lists(
    st.builds(Member, st.text(max_size=4), st.integers(0, 5), st.integers(0, 10**6)),
    unique_by=lambda member: member.user_id,
    max_size=30,
).map(lambda found: tuple(sorted(found, key=lambda member: (-member.since, member.user_id))))


def page(roll: tuple[Member, ...], after: str | None, limit: int) -> Members:
    told = Roll(members=roll, holders=len(roll), seen=9, finished=1.0)
    return members(SNAPSHOT, SHOP, "bot", told, position(after) if after else None, limit)


@given(rolls, st.integers(1, 7))
def test_pages_together_are_the_roll(roll: tuple[Member, ...], limit: int) -> None:
    found, after = [], None
    while True:
        one = page(roll, after, limit)
        assert len(one.members) <= limit
        found += [(each.user_id, each.since, each.value) for each in one.members]
        if (after := one.after) is None:
            break
    assert found == list(roll)


@given(rolls.filter(lambda roll: len(roll) > 3), st.data())
def test_who_leaves_between_two_pages_moves_nobody(roll: tuple[Member, ...], data: st.DataObject) -> None:
    limit = data.draw(st.integers(1, len(roll) - 1))
    first = page(roll, None, limit)
    gone = data.draw(st.integers(0, limit - 1))
    rest = page(roll[:gone] + roll[gone + 1 :], first.after, len(roll))
    assert [each.user_id for each in rest.members] == [member.user_id for member in roll[limit:]]


def test_a_roll_that_is_being_made_says_how_far_it_came() -> None:
    one = members(SNAPSHOT, SHOP, "bot", Roll(seen=4, holders=1))
    assert (one.complete, one.seen, one.shoppers, one.holders, one.members, one.after) == (False, 4, 9, 1, (), None)


def test_csv_is_read_back_whatever_ids_are() -> None:
    hostile = ['a,"b"\nc', "=1+1", "你好"]
    text = as_csv([Member(user, 1775042100000, 28740) for user in hostile], "USD")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["user_id"] for row in rows] == hostile
    assert {(row["since"], row["value"], row["currency"]) for row in rows} == {
        ("2026-04-01T11:15:00+00:00", "287.40", "USD")
    }
