"""Calls of the fold as they are recorded, sorted by kind and folded once more."""

from __future__ import annotations

from itertools import chain

import pytest

from bench.fold_instructions import KEPT, Recorded, _contexts, read, record, show
from bench.stream import Stream
from models.kernel.events import CART, CLICKSTREAM, ORDER
from models.profile import codec
from streams.fold import PRODUCTION


@pytest.fixture(scope="module")
def recorded() -> Recorded:
    return record(chain.from_iterable(Stream(600)), "0")


def test_every_event_is_of_one_kind(recorded: Recorded) -> None:
    events = {kind: n for kind, n in recorded.counts.items() if not kind.startswith("timer")}
    assert sum(events.values()) == 600
    roles = {"click": CLICKSTREAM, "cart": CART, "order": ORDER}
    for kind, calls in recorded.calls.items():
        assert len(calls) == min(KEPT, recorded.counts[kind])
        for call, reading in zip(calls, read(calls), strict=True):
            assert (reading is None) == kind.startswith("timer")
            assert reading is None or reading.role == roles[kind.partition(",")[0]]
            assert ("stranger" in kind) == (call.packed is None)


def test_a_recorded_call_says_as_much_when_it_is_folded_again(recorded: Recorded) -> None:
    (ctx,) = _contexts(recorded, "0").values()
    for kind, calls in recorded.calls.items():
        for call, reading in zip(calls, read(calls), strict=True):
            before = len(ctx.effects.outputs)
            p = codec.decode(call.packed) if call.packed is not None else None
            if reading is None:
                assert p is not None
                PRODUCTION.timer(ctx, call.user, p, call.at)
            else:
                PRODUCTION.event(ctx, call.user, p, reading, call.at)
            said = len(ctx.effects.outputs) - before
            assert ("says nothing", "says one thing", "says more")[min(said, 2)] in kind


def test_what_is_shown(recorded: Recorded, capsys: pytest.CaptureFixture[str]) -> None:
    show(recorded, dict.fromkeys(recorded.counts, (300, 600, 900)), 600)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(recorded.counts) + 3
    assert lines[-2] == "fold of events: 600 instructions an event of the run"
