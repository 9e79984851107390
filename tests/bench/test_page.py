"""What the page says follows from the runs."""

from __future__ import annotations

import pytest

from bench.figures import Counted, Run, Sample, costs
from bench.memory import Footprint
from bench.page import throughput
from bench.page.footprint import section as footprint_section
from bench.results import Table
from bench.shoppers import Shopper, grouped


def run(peer: str, worker: float, events: int = 600_000) -> Run:
    return Run(peer, events, rate=1e6 / worker, worker=worker, redis=1, kafka=2, whole=3, outputs=0.5, peak=99, loop=30)


def test_ratios_are_of_the_same_round():
    kairos, stock = [run("kairos", w) for w in (20, 40)], [run("faust", w, 4) for w in (300, 200)]
    assert throughput.ratios(kairos, stock) == [15, 5]


@pytest.mark.parametrize(
    ("source", "line", "times", "said"),
    [
        ("ga360", "kairos", 15, "a 15th of the stock agent's CPU. Met: 1/15.0."),
        ("ga360", "fixed", 14.9, "a 15th of the stock agent's CPU. Missed: 1/14.9."),
        ("stream", "kairos", 12, "a 12th of the stock agent's CPU. Met: 1/12.0."),
        ("stream", "fixed", 12, "a 15th of the stock agent's CPU. Missed: 1/12.0."),
    ],
)
def test_goals_are_those_of_the_history(source, line, times, said):
    assert throughput.verdict(source, line, {line: [run(line, 10)], "faust": [run("faust", 10 * times)]}).endswith(said)
    assert throughput.verdict(source, line, {line: [run(line, 10)]}) == ""


@pytest.mark.parametrize(("fixed", "word"), [(150, "Met: 1.50 times"), (151, "Missed: 1.51 times")])
def test_the_loop_by_hand_is_the_measure_of_the_same_cuts(fixed, word):
    assert word in throughput.beside({"fixed": [run("fixed", fixed)], "batch": [run("batch", 100)]})


def test_real_traffic_comes_first_and_a_line_for_each_worker_with_its_spread():
    runs = [run("kairos", 20), run("faust", 300, 4), run("kairos", 40), run("faust", 200, 4)]
    counts = [Counted("stream", "kairos", commit, "2026-01-01", n) for commit, n in (("a", 300_000), ("b", 123_456))]
    tables = {"stream": Table(runs, 1.03), "ga360": Table([run("batch", 9)], 0.1)}
    page = "\n\n".join(throughput.section(tables, counts))
    assert page.index("### A real shop") < page.index("### A sparse stream")
    assert "600,000 events of a seeded stream" in page
    assert "| 600,000 | 37,500 (25,000–50,000) | 30.0 (20.0–40.0) | 123,456 |" in page
    assert "| 10.0 (5.0–15.0) × |" in page
    assert throughput.section({}) == []


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
