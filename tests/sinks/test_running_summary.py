"""Counters kept up to date are what reading all of them again gives."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sinks.minutes import Minute, pack
from sinks.running_summary import RunningSummary
from sinks.summary import merge

NAMES = st.sampled_from(
    [
        "events",
        "shoppers",
        "dead:not_json",
        "out:user-tags:entered",
        "segment:loyal",
        "revenue:USD",
        "coerced:price:text",
    ]
)
COUNTS = st.integers(0, 10**12).map(lambda n: str(n).encode())
ROWS = st.lists(
    st.builds(Minute, st.integers(60, 119), *[st.integers(1, 5)] * 4), min_size=1, unique_by=lambda row: row.minute
)
HOURS = ROWS.map(lambda rows: pack(rows).encode())
UNKNOWN = st.dictionaries(st.sampled_from(["A", "B"]), st.integers(1, 9), min_size=1).map(
    lambda names: str([[name, n] for name, n in names.items()]).replace("'", '"').encode()
)
STATS = st.builds(
    lambda counts, hours, unknown: {name.encode(): value for name, value in (counts | hours | unknown).items()},
    st.dictionaries(NAMES, COUNTS),
    st.dictionaries(st.just("h:1"), HOURS),
    st.dictionaries(st.just("unknown_names"), UNKNOWN),
)


@given(st.lists(st.tuples(st.integers(0, 2), STATS), max_size=8))
def test_as_if_all_were_read_again(updates: list[tuple[int, dict[bytes, bytes]]]) -> None:
    running, newest = RunningSummary(), dict[int, dict[bytes, bytes]]()
    for partition, stats in updates:
        running.update(partition, stats)
        newest[partition] = stats
        expected = merge({k.decode(): v.decode() for k, v in one.items()} for one in newest.values())
        found = running.summary()
        assert found.as_json() == expected.as_json()
        assert found.minutes == expected.minutes
