"""Which dead letters a command is about."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from kairos.config.settings import Settings
from kairos.dlq.dead_letters import dead_letters
from kairos.dlq.selection import Selection, select
from kairos.errors import TopicError
from tests.kairos.dlq.dead_letters import AT, letter, topic

FOUND = [
    letter(3, "not_json", user_id=None, key=b"u2", role="orders", topic="orders"),
    letter(1, "misrouted"),
    letter(2, user_id="u2"),
    letter(0),
]


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({}, [0, 1, 2, 3]),
        ({"codes": ["misrouted", "not_json"]}, [1, 3]),
        ({"role": "cart"}, [0, 1, 2]),
        ({"shopper": "u2"}, [2, 3]),  # of content that does not read, the key says whose it is
        ({"since": AT + 1, "until": AT + 3}, [1, 2]),
        ({"ids": [f"{2:032x}", f"{0:032x}"]}, [0, 2]),
        ({"limit": 2}, [2, 3]),
        ({"limit": 1, "role": "cart"}, [2]),
        ({"shopper": "nobody"}, []),
    ],
)
def test_filters(asked: dict[str, Any], numbers: list[int]) -> None:
    found = select(FOUND, Selection(**asked))
    assert [letter.offset for letter in found.dead_letters] == numbers
    assert Selection(**asked).everything == (asked in ({}, {"limit": None}))


def test_codes_are_counted_beyond_the_limit() -> None:
    assert select(FOUND, Selection(limit=1)).codes == {"not_json": 1, "misrouted": 1, "wrong_type": 2}


def test_an_id_that_is_not_there() -> None:
    with pytest.raises(TopicError, match="no dead letter ffff: `kairos dlq list`"):
        select(FOUND, Selection(ids=["ffff"]))


def test_repeats_are_dropped_but_not_twins_in_other_partitions(monkeypatch: pytest.MonkeyPatch) -> None:
    first, strange = (
        letter(),
        [None, b"", b"{}", b"\xff", b'{"id":"x","kind":"entered"}', b"[" * 9_999, b'{"x":' * 9_999],
    )
    twin = replace(first, partition=1, as_of=AT + 9)
    odd = replace(first, as_of=1 << 60, offset=9), replace(first, role="gossip", offset=9)
    topic(monkeypatch, [first, first, twin, *strange, *odd, twin, letter(1)])
    assert list(dead_letters(Settings())) == [first, twin, letter(1)]
