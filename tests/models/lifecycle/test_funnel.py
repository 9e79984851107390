"""The funnel of visits, beside what the list of a visit's events says."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel.effects import COLUMNS
from models.kernel.events import Added, Amended, Browsed, CartViewed, Event, Line, Ordered, Removed, Replaced
from models.kernel.settings import HOUR, MINUTE
from models.kernel.shopper import STAGES
from models.lifecycle.funnel import FUNNEL
from models.profile import codec
from tests.models.shopper import E0, Shopper

MUG = (Line("mug", 1, 500),)
DEEDS: tuple[tuple[Event, int], ...] = (
    (Browsed(), 0),
    (Browsed(product="mug"), 1),
    (Added("default", MUG), 2),
    (Replaced("default", MUG), 2),
    (Replaced("default", ()), 0),
    (Removed("default", MUG), 0),
    (CartViewed("default"), 0),
    (CartViewed("default", True), 3),
    (Ordered("", 500, True), 4),
)
STEPS = st.tuples(st.sampled_from(DEEDS), st.sampled_from([1_000, 10 * MINUTE, HOUR]))


def counted(shopper: Shopper, *names: str) -> Counter[tuple[int, str]]:
    """Counts by minute and name, those that are not 0."""
    rows = shopper.ctx.effects.minutes.items()
    return Counter({(m, name): n for m, row in rows for name in names if (n := row[COLUMNS.index(name)])})


@given(st.lists(STEPS, min_size=1, max_size=20))
def test_every_stage_counts_once_a_visit(steps: list[tuple[tuple[Event, int], int]]) -> None:
    shopper, e = Shopper(), E0
    visits: list[list[tuple[int, int]]] = []
    for number, ((event, stage), gap) in enumerate(steps):
        e += gap
        shopper.does(Ordered(f"o{number}", 500, True) if isinstance(event, Ordered) else event, e)
        if not visits or gap > 30 * MINUTE:
            visits.append([])
        visits[-1].append((e, stage))
    expected = Counter((visit[0][0] // MINUTE, "visits") for visit in visits)
    for visit in visits:
        for stage, name in enumerate(FUNNEL, 1):
            first = next((at for at, came in visit if came >= stage), None)
            if first is not None:
                expected[first // MINUTE, name] += 1
    assert counted(shopper, "visits", *FUNNEL) == expected


@pytest.mark.parametrize("report", [Ordered("o", 500, True), Amended("o", 600, True)])
def test_a_later_report_of_an_order_is_no_order(report: Event) -> None:
    shopper = Shopper().does(Ordered("o", 500, True), E0).does(Browsed(product="mug"), E0 + HOUR)
    shopper.does(report, E0 + HOUR + 1)
    assert [counted(shopper, name).total() for name in ("visits", *FUNNEL)] == [2, 2, 1, 1, 1]


def test_it_takes_no_room() -> None:
    """The stage lies with the flags, in the one byte that they take."""
    lookers = [Shopper().does(Browsed(product="mug"), E0), Shopper().does(Browsed(product="mug"), E0)]
    assert lookers[1].p is not None
    lookers[1].p.flags |= STAGES
    sizes = [len(codec.encode(shopper.p)) for shopper in lookers if shopper.p is not None]
    assert len({*sizes}) == 1
