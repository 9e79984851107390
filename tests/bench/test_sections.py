"""Each part of the page from given numbers."""

from __future__ import annotations

import pytest

from bench import options
from bench.delays import Latency, Pace
from bench.figures import Counted, Run
from bench.fleet import takeover
from bench.idle import Idle
from bench.page import counted, idle, latency, recovery, sampled, scale
from bench.page.page import markdown
from bench.quantiles import Quantiles
from bench.recovery import Recovery
from bench.results import Results
from bench.sampled import shares
from bench.sizes import QUICK, Sizes
from bench.worker import WorkerFailed

SOME = Quantiles(1_500, 9, 40, 77)


def sized(shoppers: int, worker: float, redis: float) -> Run:
    return Run(str(shoppers), 100_000, 9_000, worker, redis, kafka=2, whole=3, outputs=0.1, peak=99, loop=30)


@pytest.mark.parametrize(("p99", "word"), [(50, "Met: 50 ms"), (51, "Missed: 51 ms")])
def test_the_goal_for_delay_counts_from_when_an_event_was_due(p99, word):
    paces = [Pace(rate, 0.31, SOME, Quantiles(1_500, 11, p99, 99), SOME, None) for rate in (200, 1_000)]
    page = "\n".join(latency.section(Latency(18_000, paces, Quantiles(700, 2_100, 2_290, 2_300))))
    assert f"| 1,000 | 1,500 | 9 | 40 | 77 | 11 | {p99} | 40 |  |  | 31% |" in page
    assert page.count("Goal:") == 1
    assert word in page
    assert "2,100 ms (p50), 2,290 ms (p99)" in page


def test_recovery_against_the_number_of_profiles():
    found = [
        Recovery(n, n * 400, 6.0, [5.5, 6.5], [more, more + 1], [4, 4]) for n, more in ((1_000, 6), (200_000, 6.5))
    ]
    page = "\n".join(recovery.section(found))
    assert "| 200,000 | 80 | 2 | 6.0 (5.5–6.5) | 7.0 (6.5–7.5) | 1.0 (0.5–1.5) |" in page
    assert "With 200 times as many profiles it took +0.5 s" in page


def test_a_kill_after_which_no_shard_stood_still_proves_nothing():
    with pytest.raises(WorkerFailed, match="had none"):
        takeover({}, {0: 0.1, 1: 0.9})


def test_scale_compares_with_the_first_size():
    page = "\n".join(scale.section([sized(100_000, 20, 10), sized(2_000_000, 24, 12), sized(100_000, 20, 10)]))
    assert "| 2,000,000 | 9,000 | 24.0 | 12.0 | 36.0 | 1.20 | 99 |" in page


def test_samples_go_to_the_first_stage_that_fits():
    stacks = [
        "run (streams/batch.py:2);Fold.timer (models/fold.py:3);Scores.evaluate (models/rfm/scores.py:4) 3",
        "t (threading.py:1);run (streams/batch.py:2);_fire (streams/batch.py:9) 1",
        "t (threading.py:1);apply (sinks/redis_store.py:5);send (socket.py:1) 2",
        "t (threading.py:1);idle (queue.py:1) 2",
    ]
    page = "\n".join(sampled.section(shares(stacks)))
    assert "8 samples" in page
    for line in (
        "| folding timers | 37.5% |",
        "| the rest of the fold | 12.5% |",
        "| Scores.evaluate (models/rfm/scores.py) | 37.5% |",
    ):
        assert line in page
    assert "| APPLY, as Redis' client | 25.0% |" in page
    assert sampled.section(None) == []


@pytest.mark.parametrize(("tick", "word"), [(0.999, "Met"), (1.0, "Missed")])
def test_the_goal_for_idle_shards(tick, word):
    found = [
        Idle(n, Quantiles(9, 0.01, 0.02, 1), Quantiles(9, ms, 4, 5), (0, 100)) for n, ms in ((10, 0.2), (20, tick))
    ]
    page = "\n".join(idle.section(found))
    assert word in page
    assert "| 10 | 0.010 | 0.020 | 0 | 0.200 | 4.000 | 100 |" in page


def test_what_was_left_out_is_said():
    found = Results("2026-01-01", "make bench", "abc", left_out={"memory": "name the export with --ga360 FILE"})
    assert "Not measured: memory (name the export with --ga360 FILE)." in markdown(found)


def test_parts_and_sizes_by_option():
    asked = options.parser().parse_args
    assert options.chosen(asked(["--only", "kairos,idle"])) == ("kairos", "idle")
    assert options.chosen(asked([])) == options.DEFAULT
    assert options.sizes(asked([])) == Sizes()
    assert options.sizes(asked(["--quick", "--events", "9"])).slow == QUICK.slow
    with pytest.raises(ValueError, match="no such part: idel"):
        options.chosen(asked(["--only", "idel"]))


def test_instructions_are_beside_those_of_the_first_commit():
    old, new = (Counted("ga360", "0", commit, "2026-11-27", n) for commit, n in (("a", 200), ("b", 80)))
    page = "\n".join(counted.section([old, new]))
    assert "| ga360 | 0 | b | 2026-11-27 | 80 | 40% |" in page
    assert page.endswith("Met: 40% at most.")
    assert counted.section([old])[-1].endswith("Missed: 100% at most.")
    assert counted.section([]) == []
