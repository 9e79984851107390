"""What shards count: the same sum in whatever order and split; who comes first, who stands for whom, who is risky."""

from __future__ import annotations

from collections import Counter
from math import exp, log
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.churn import baseline, scoring
from models.churn.computing import computed
from models.churn.counts import LEAST, NOWHERE, Counts, bound, cell, move, total
from models.churn.covariates import COVARIATES
from models.churn.model import first
from models.churn.prior import shipped
from models.churn.sampling import stands_for
from models.churn.shares import KNOWN, NONE, top
from models.kernel.settings import DAY
from models.orders.buying import Buying

WEIGHTS = shipped().mean
DATE = 20_000 * DAY


def counted(seed: int, labels: int) -> Counts:
    """What some shard counted."""
    random, counts = Random(seed), Counts()
    for _ in range(labels):
        x = (1.0, *[random.gauss(0, 2) for _ in COVARIATES[1:]])
        counts.learn(x, random.random() < 0.3, random.randrange(32), WEIGHTS, random.choice([1, 4]))
        predicted = scoring.unpack(scoring.pack([random.random() for _ in scoring.CONTESTANTS]))
        scoring.score(counts.scores, random.choice(scoring.HORIZONS), predicted, random.random() < 0.3)
        counts.worth = [counts.worth[0] + 1, counts.worth[1] + random.randrange(9), counts.worth[2] + 1]
        for histogram in (counts.hazards, counts.values, counts.stakes):
            move(histogram, NOWHERE, random.randrange(-30, 30))
        buying = Buying()
        buying.learn_one(1.0, random.uniform(0, 90), random.randrange(5))
        counts.bought(buying, random.choice([0.0, random.uniform(1, 90)]))
        counts.buyers, counts.repeats, counts.first = counts.buyers + 1, counts.repeats + 2, counts.first + DAY
    return counts


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 3)), max_size=6), st.randoms(use_true_random=False))
def test_the_sum_is_the_same_bytes_in_whatever_order_and_split(shards: list[tuple[int, int]], random: Random) -> None:
    counts = [counted(*shard) for shard in shards]
    whole = total(counts).encode()
    shuffled = random.sample(counts, len(counts))
    middle = random.randint(0, len(counts))
    assert total(shuffled).encode() == whole
    assert total([total(shuffled[:middle]), total(shuffled[middle:])]).encode() == whole
    assert Counts.decode(whole) == total(counts)
    assert total([]).encode() == Counts().encode()
    assert Counts.decode(b"") == Counts()


def test_the_sum_is_that_of_one_shard_that_has_all() -> None:
    one, other, both = Counts(), Counts(), Counts()
    random = Random(3)
    for i in range(60):
        x = (1.0, *[random.gauss(0, 1) for _ in COVARIATES[1:]])
        y, at = random.random() < 0.4, random.randrange(4)
        for counts in (both, (one, other)[i % 2]):
            counts.learn(x, y, at, WEIGHTS, 1)
            move(counts.hazards, NOWHERE, at)
    assert total([one, other]) == total([both])
    assert sum(labels for labels, _ in both.cells.values()) == both.labels.labels == sum(both.hazards.values()) == 60


@given(st.lists(st.integers(-5, 5) | st.just(NOWHERE), min_size=1, max_size=30))
def test_a_buyer_is_in_one_cell_at_a_time(places: list[int]) -> None:
    counts, before = Counts(), NOWHERE
    for place in places:
        move(counts.hazards, before, place)
        assert counts.hazards == ({} if place == NOWHERE else {place: 1})
        before = place


@given(st.floats(1e-11, 1e4))
def test_a_cell_begins_at_its_bound(hazard: float) -> None:
    at = cell(hazard)
    assert bound(at) <= hazard * (1 + 1e-12)
    assert hazard < bound(at + 1) * (1 + 1e-12)
    assert cell(0.0) == cell(LEAST) <= at


def sizes(whole: float | None, items: int) -> Counts:
    buying, counts = Buying(), Counts()
    buying.learn_one(0.0, whole, items)
    counts.bought(buying, 0.0)
    return counts


def test_the_level_is_taken_from_what_is_known() -> None:
    """Two buyers since days 2 and 6, three repeats; beside half a repeat in 90 days."""
    counts = Counts(buyers=2, repeats=3, first=8 * DAY)
    assert counts.level(20 * DAY).rate == pytest.approx(3.5 / (18 + 14 + 90))
    assert sizes(None, 0).amounts == sizes(None, 0).items == [0, 0]
    assert sizes(9.0, 4).level(DAY).amount == pytest.approx(log(10), abs=1e-6)
    assert sizes(9.0, 4).level(DAY).items == pytest.approx(log(5), abs=1e-6)


# The baseline.


def buyer(*days: float) -> Buying:
    buying = Buying()
    for day in days:
        buying.learn_one(day, 10.0, 1)
    return buying


def test_cells_of_recency_and_frequency() -> None:
    """4 of frequency a cell of recency: 1 order, 2, 3-4, 5 or more; 7, 14, 28, 56, 91, 182, 365 days."""
    assert [baseline.cell(buyer(0.0), day) for day in (0, 6.99, 7, 14, 28, 56, 91, 182, 365, 9_999)] == [
        0, 0, 4, 8, 12, 16, 20, 24, 28, 28,
    ]  # fmt: skip
    assert [baseline.cell(buyer(*range(n)), n - 1.0) for n in (1, 2, 3, 4, 5, 6)] == [0, 1, 2, 2, 3, 3]


@given(st.dictionaries(st.integers(0, 31), st.tuples(st.integers(1, 500), st.integers(0, 500)), max_size=6))
def test_a_share_lies_between_the_cells_own_and_the_shops(cells: dict[int, tuple[int, int]]) -> None:
    cells = {at: (labels, min(labels, met)) for at, (labels, met) in cells.items()}
    labels, met = (sum(column) for column in zip(*cells.values(), strict=True)) if cells else (0, 0)
    base = (met + 1) / (labels + 10)
    assert baseline.RecencyFrequency(cells).share(99) == pytest.approx(base)
    for at, (n, ordered) in cells.items():
        share = baseline.RecencyFrequency(cells).share(at)
        assert min(base, ordered / n) - 1e-12 <= share <= max(base, ordered / n) + 1e-12
        assert share == pytest.approx((ordered + 10 * base) / (n + 10))


# Who is at risk, and who stands for whom.


@given(st.dictionaries(st.integers(-6, 6), st.integers(1, 40), min_size=2, max_size=8), st.floats(0.01, 0.5))
def test_no_more_than_the_share_is_at_or_above_the_threshold(hazards: dict[int, int], share: float) -> None:
    """And the next cell would be too many."""
    buyers, threshold = sum(hazards.values()), top(hazards, share)
    if buyers < KNOWN:
        assert threshold == NONE
        return
    within = sum(n for at, n in hazards.items() if exp(-bound(at + 1)) >= threshold)
    assert within <= share * buyers
    beyond = [at for at in sorted(hazards) if exp(-bound(at + 1)) < threshold]
    assert within + hazards[beyond[0]] > share * buyers
    assert all(exp(-bound(at)) <= threshold for at in beyond)


@pytest.mark.parametrize("thinning", [0, 1, 3, 6])
def test_one_in_so_many_buyers_stands_for_the_others(thinning: int) -> None:
    drawn = Counter(stands_for(f"u{i}", 20_000 * DAY, thinning) for i in range(20_000))
    assert drawn.keys() <= {0, 1 << thinning}
    assert drawn[1 << thinning] / 20_000 == pytest.approx(2.0**-thinning, rel=0.1)
    assert drawn[1 << thinning] << thinning == pytest.approx(20_000, rel=0.1)


def test_who_stands_for_others_is_drawn_anew_every_fourteen_days() -> None:
    chosen = [{i for i in range(4_000) if stands_for(f"u{i}", k * 14 * DAY, 2)} for k in (1_400, 1_401)]
    assert len(chosen[0] & chosen[1]) / 4_000 == pytest.approx(1 / 16, rel=0.25)


def test_a_model_of_nothing_is_as_good_as_none() -> None:
    """Which boundaries before the first order have a table depends on how shards took turns; the next must not."""
    nothing = computed(Counts(), DATE, first("all"), share=0.1, labels=50_000)
    counts = counted(1, 9)
    for before in (nothing, computed(Counts(), DATE + DAY, nothing, share=0.1, labels=50_000)):
        expected = computed(counts, DATE + 2 * DAY, first("all"), share=0.1, labels=50_000)
        assert computed(counts, DATE + 2 * DAY, before, share=0.1, labels=50_000).encode() == expected.encode()
    later = computed(counts, DATE + 2 * DAY, nothing, share=0.1, labels=50_000)
    assert computed(counts, DATE + 3 * DAY, later, share=0.1, labels=50_000).days[0] == later.days[0]
