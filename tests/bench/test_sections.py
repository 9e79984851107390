"""Each part of the page from given numbers."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bench import options
from bench.act import Delivered
from bench.backlog import Backlog
from bench.checkout import ROOT
from bench.dashboard import Page, Watched
from bench.delays import Delays
from bench.due import Due
from bench.figures import Counted, Run
from bench.fleet import takeover
from bench.hot import Hot
from bench.idle import Idle
from bench.live import Pace
from bench.load import Load
from bench.page import act, counted, dashboard, due, idle, live, load, recovery, sampled, scale
from bench.page.page import markdown
from bench.peers import PEERS
from bench.quantiles import Quantiles
from bench.recovery import Recovery
from bench.results import Results
from bench.sampled import STAGES, shares
from bench.sizes import QUICK, Sizes
from bench.watched import Used
from bench.worker import WorkerFailed

OURS = ("models", "streams", "sinks")
SOME = Quantiles(1_500, 9, 40, 77, 77)


def sized(shoppers: int, worker: float, redis: float) -> Run:
    return Run(str(shoppers), 100_000, 9_000, worker, redis, kafka=2, whole=3, outputs=0.1, peak=99, loop=30)


def paced(rate: int, worker: float, p99: float = 50, other: bool = False) -> Pace:
    told = Delays(SOME, Quantiles(1_500, 11, p99, 99, 98), SOME, SOME, Quantiles(700, 2_010, 2_049, 2_050, 2_050))
    return Pace(rate, 20, "old" if other else "new", other, Used(worker, 0.02, 37, 741), told if rate else None)


@pytest.mark.parametrize(("p99", "word"), [(50, "Met: 11 and 50 ms"), (51, "Missed: 11 and 51 ms")])
def test_the_goal_for_delay_counts_from_when_an_event_was_due(p99, word):
    page = "\n".join(live.section([paced(50, 0.1, 999), paced(1_000, 0.1, p99)], 8))
    assert f"| 1,000 | new | 1,500 | 11 | {p99} | 98 | 99 | 9 | 40 | 40 |" in page
    assert f"p99 50 at 1,000 events/s. {word}" in page
    assert "p99 50 at 50 events/s" not in page


def test_reminders_in_silence_count_beyond_their_grace():
    page = "\n".join(live.section([paced(200, 0.1)], 8))
    assert "| 200 | new | 1,500 | 9 | 40 | 77 | 700 | 10 | 49 |  |" in page
    assert "after 200 events/s. Met: 10 and 49 ms." in page


@pytest.mark.parametrize(("worker", "word"), [(0.3, "Met"), (0.301, "Missed")])
def test_what_a_live_worker_may_use_beside_another(worker, word):
    page = "\n".join(live.section([paced(1_000, worker), paced(1_000, 0.6, other=True), paced(0, 0.015)], 8))
    assert f"| 1,000 | new | {worker:.1%} | 37 | 741 | 2.0% | {worker / 0.6:.2f} × |" in page
    assert "| 1,000 | old | 60.0% | 37 | 741 | 2.0% |  |" in page
    assert f"at most 30.0% of a core at 1,000 events/s. {word}: {worker:.1%}." in page
    assert "at nothing. Met: 1.5%." in page


def test_load_is_told_beside_a_run_without_it():
    backlog = Backlog(2_000_000, 5_000, 9_000, 80, 9, [200, 210, 211, 212], 220, reminders=300, skipped=90_000)
    runs = [
        Hot(title, events, 40, Used(0.4, 0, 1, 1), *(paced(1, 0, p99).delays for p99 in tails))
        for title, events, tails in (("nobody", 0, (20, 10)), ("one hot shopper", 50_000, (50, 11)))
    ]
    page = "\n".join(load.section(Load(backlog, runs, [paced(0, 0.02)])))
    assert "| 2,000,000 | 5,000 | 9,000 | 80.0 | 9.0 | 200, 210, 211, 212 | 220 |" in page
    assert "(90,000 such carts" in page
    assert "| one hot shopper | 50,000 | 40% | 1,500 | 11 | 50 | 2.50 | 1,500 | 11 | 11 | 1.10 |" in page
    assert load.section(None) == []


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
        "t (threading.py:1);together (sinks/redis_store.py:5);send (socket.py:1) 2",
        "t (threading.py:1);idle (queue.py:1) 2",
    ]
    page = "\n".join(sampled.section({"ga360": shares(stacks)}))
    assert "### A real shop: 8 samples" in page
    for line in (
        "| folding timers | 37.5% |",
        "| the rest of the fold | 12.5% |",
        "| Scores.evaluate (models/rfm/scores.py) | 37.5% |",
    ):
        assert line in page
    assert "| trips to Redis, as its client | 25.0% |" in page
    assert sampled.section({}) == []


@pytest.mark.parametrize("mark", [mark for mark in STAGES.values() if mark.split("(")[1].split("/")[0] in OURS])
def test_a_stage_is_a_function_that_exists(mark):
    name, path = mark.removesuffix(")").split(" (")
    assert f"def {name}(" in (ROOT / path).read_text()


@pytest.mark.parametrize(("most", "word"), [(400.0, "Met"), (401.0, "Missed")])
def test_the_goal_for_due_timers(most: float, word: str) -> None:
    found = [Due(carts, Quantiles(16, p50, p50, p50, p50), 9) for carts, p50 in ((10_000, 100.0), (1_000_000, most))]
    page = "\n".join(due.section(found))
    assert word in page
    assert f"{most / 100:.2f}" in page


@pytest.mark.parametrize(("tick", "word"), [(0.999, "Met"), (1.0, "Missed")])
def test_the_goal_for_idle_shards(tick, word):
    found = [
        Idle(n, Quantiles(9, 0.01, 0.02, 1), Quantiles(9, ms, 4, 5), (0, 100)) for n, ms in ((10, 0.2), (20, tick))
    ]
    page = "\n".join(idle.section(found))
    assert word in page
    assert "| 10 | 0.010 | 0.020 | 0 | 0.200 | 4.000 | 100 |" in page


def test_what_was_left_out_is_said():
    found = Results(left_out={"ga360: round 1 of 3, faust": "it ended"})
    assert "Not measured: ga360: round 1 of 3, faust (it ended)." in markdown(found)


def test_parts_and_sizes_by_option():
    asked = options.parser().parse_args
    assert options.chosen(asked(["--only", "idle,live"])) == ("live", "idle")
    assert options.chosen(asked(["--ga360", "x"])) == options.PARTS
    assert set(options.PARTS) - set(options.chosen(asked([]))) == set(options.NEEDS_FILE)
    assert options.chosen(asked(["--quick"])) == ("stream", "live")
    assert options.sizes(asked([])) == Sizes()
    assert options.sizes(asked(["--quick", "--events", "9"])) == replace(QUICK, events=9, history=9)
    with pytest.raises(ValueError, match="no such part: idel"):
        options.chosen(asked(["--only", "idel"]))
    with pytest.raises(ValueError, match="--ga360 FILE: ga360"):
        options.chosen(asked(["--only", "ga360"]))


def test_peers_by_option():
    asked = options.parser().parse_args
    assert options.peers(asked([])) == tuple(PEERS)
    assert "kstreams" not in options.peers(asked(["--quick"]))
    assert options.peers(asked(["--peers", "uncached,kairos"])) == ("uncached", "kairos")
    with pytest.raises(ValueError, match="no such peer: kafka"):
        options.peers(asked(["--peers", "kafka"]))


def test_instructions_are_beside_those_of_the_first_commit():
    old, new = (Counted("ga360", "fixed", commit, "2026-11-27", n) for commit, n in (("a", 200), ("b", 80)))
    page = "\n".join(counted.section([old, new]))
    assert "| A real shop | the same without daily tables | b | 2026-11-27 | 80 | 40% |" in page
    assert counted.section([]) == []


@pytest.mark.parametrize(("redis", "page", "word"), [(0.004, 0.02, "Met"), (0.011, 0.031, "Missed")])
def test_the_goals_for_the_live_page(redis, page, word):
    windows = tuple(Watched(viewers, 0.003, redis, page, 90.0, 1.0, 2_000.0) for viewers in (0, 100))
    said = "\n".join(dashboard.section(Page(1_000_000, 30, windows)))
    assert f"| 100 | 0.30% | {redis:.2%} | {page:.2%} | 90 | 1.00 | 2.0 |" in said
    assert [line.split(". ")[1].split(":")[0] for line in said.splitlines() if line.startswith("Goal")] == [word, word]
    assert dashboard.section(None) == []


@pytest.mark.parametrize(("p99", "word"), [(999, "Met: 999 ms"), (1_000, "Missed: 1,000 ms")])
def test_an_endpoint_that_hangs_delays_no_other(p99, word):
    beside = Delivered(1, 60, Quantiles(12_000, 20, p99, 1_200), 33)
    page = "\n".join(act.section([Delivered(0, 60, Quantiles(12_000, 19, 50, 80), 0), beside]))
    assert f"| one that hangs, 33 attempts | 12,000 | 20 | {p99:,} | 1,200 |" in page
    assert word in page
    assert act.section([]) == []
