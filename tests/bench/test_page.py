"""What the page says follows from the runs."""

from __future__ import annotations

import pytest

from bench.figures import Run, Sample, costs
from bench.memory import Footprint
from bench.page import throughput
from bench.page.footprint import section as footprint_section
from bench.shoppers import Shopper, grouped


def run(peer: str, worker: float, events: int = 600_000) -> Run:
    return Run(peer, events, rate=1e6 / worker, worker=worker, redis=1, kafka=2, whole=3, outputs=0.5, peak=99, loop=30)


def test_ratios_are_of_the_same_round():
    kairos, stock = [run("kairos", w) for w in (20, 40)], [run("faust", w, 4) for w in (300, 200)]
    assert throughput.ratios(kairos, stock) == [15, 5]
    assert throughput.verdict("kairos", kairos, stock).endswith("Missed: 1/10.0.")
    assert throughput.verdict("fixed", kairos[:1], [run("faust", 400, 4)]).endswith("Met: 1/20.0.")
    assert throughput.verdict("kairos", kairos, []) == ""


def test_a_line_for_each_worker_with_its_spread():
    runs = [run("kairos", 20), run("faust", 300, 4), run("kairos", 40), run("faust", 200, 4)]
    page = "\n\n".join(throughput.section(runs))
    assert "a seeded stream of 600,000 events" in page
    assert "| 600,000 | 37,500 (25,000–50,000) | 30.0 (20.0–40.0) |" in page
    assert "| 10.0 (5.0–15.0) × |" in page
    assert throughput.section([]) == []


def test_start_up_is_outside_of_the_window():
    slow_start = [Sample(0, 0, 5, 1, 1), Sample(20, 10, 6, 1, 1), Sample(60, 11, 6.4, 1, 1), Sample(100, 12, 6.8, 2, 1)]
    assert costs(slow_start, 100) == {"rate": 40, "worker": 10_000, "redis": 12_500, "kafka": 0}


@pytest.mark.parametrize(("mean", "word"), [(700, "Met"), (701, "Missed")])
def test_memory_goal_is_about_the_live(mean, word):
    found = [Shopper("one event", 0, 180, 0, 100.0), Shopper("1 order", 1, 500, 260, 100.0)]
    live = Footprint(
        "live at the end", "Redis 7", 2, mean, {"profile": 340, "public": 130, "timer": 100}, grouped(found)
    )
    everybody = Footprint("nobody forgotten", "Redis 7", 4, 9_999, {"profile": 1, "public": 1, "timer": 1}, [])
    page = "\n".join(footprint_section([live, everybody]))
    assert f"{word}: {mean}." in page
    assert "| all | 2 | 570 | 860 |" in page
