"""An event takes as many instructions as recorded, where that can be told; and a change is told."""

from __future__ import annotations

import msgspec
import pytest

from bench import regression
from bench.counting import END, WORKERS, Kairos, missing, until
from bench.regression import CASES, elsewhere, measured, moved, name, recorded
from bench.stream import Stream
from kairos.replay import ticks
from models.profile.codec import decode


def test_every_case_is_recorded():
    assert set(recorded().counts) == {name(case) for case in CASES}


@pytest.mark.parametrize(("after", "lines"), [(980, 0), (1_020, 0), (979, 1), (1_021, 1)])
def test_two_percent_either_way(after, lines):
    assert len(moved({"a": 1_000, "b": 1_000}, {"a": after, "b": 1_000})) == lines


def test_another_python_or_package_cannot_be_compared(tmp_path, monkeypatch):
    monkeypatch.setattr(regression, "FILE", tmp_path / "instructions.json")
    regression.record({"a": 5})
    assert elsewhere() == ""
    assert recorded().counts == {"a": 5}
    for change in ({"python": "2.7"}, {"packages": {"msgspec": "0.1"}}):
        other = msgspec.structs.replace(recorded(), **change)
        regression.FILE.write_bytes(msgspec.json.encode(other))
        assert "recorded with" in elsewhere()
        regression.record({"a": 5})


@pytest.mark.parametrize("worker", WORKERS)
def test_each_worker_folds_what_it_is_given(worker):
    work, spans = WORKERS[worker]("CNY"), list(ticks.spans(Stream(300)))
    few = list(until(spans, 100))
    assert 100 <= sum(len(span.rows) for span in few) < 300
    for span in spans:
        work(span)
    work(END)
    if isinstance(work, Kairos):
        events = int(dict(work.store.stats(0))["applied"])
    else:
        events = sum(decode(profile).events for profile in work.profiles.values())
    assert events == 300


@pytest.mark.slow
def test_an_event_takes_as_many_instructions_as_recorded():
    if reason := missing() or elsewhere():
        pytest.skip(reason)
    counts = measured()
    assert not (lines := moved(recorded().counts, counts)), f"{lines}; if that is meant: {regression.ANEW}"
