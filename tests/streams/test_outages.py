"""Outages, told once for all who meet them; by a clock of our own."""

from __future__ import annotations

import asyncio
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams import pulse
from streams.outages import Outage, Outages
from streams.pulse import MISSES, WHO, Pulse
from tests.clock import Clock


@pytest.fixture
def outage(clock: Clock) -> Outage:
    return Outage("It is gone", "Look there", "It is back", every=60, clock=clock)


def test_one_sentence_when_it_goes_one_a_minute_one_when_it_is_back(
    outage: Outage, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for second in range(150):
        clock.now = 1_000.0 + second
        for shard in range(8):
            outage.failed(shard, f"refused at {second}")
    assert outage.problem == "It is gone, for 2 min 29 s"
    for shard in range(7):
        outage.answered(shard)
    assert outage.since == 1_000.0
    outage.answered(7)
    outage.answered(7)
    assert (outage.since, outage.problem) == (None, "")
    assert [record.message for record in caplog.records] == [
        "It is gone (refused at 0). Look there",
        "It is gone, for 1 min 0 s now (refused at 60). Look there",
        "It is gone, for 2 min 0 s now (refused at 120). Look there",
        "It is back, after 2 min 29 s",
    ]
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


def test_it_may_have_begun_before_it_was_noticed(
    outage: Outage, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    outage.failed("pulse", "silence", since=clock.now - 5)
    clock.now += 3
    outage.answered("pulse")
    assert caplog.messages[-1] == "It is back, after 8 s"


def test_who_leaves_tells_nothing(outage: Outage, caplog: pytest.LogCaptureFixture) -> None:
    outage.failed(0, "refused")
    outage.failed(1, "refused")
    outage.left(0)
    assert outage.problem
    outage.left(1)
    assert not outage.problem
    outage.answered(0)
    assert caplog.messages == ["It is gone (refused). Look there"]


def test_a_percent_sign_is_one(outage: Outage, caplog: pytest.LogCaptureFixture) -> None:
    outage.failed(0, "100 % of %s")
    assert caplog.messages == ["It is gone (100 % of %s). Look there"]


STEPS = st.tuples(st.sampled_from(["failed", "answered", "left", "wait"]), st.integers(0, 2))


@given(st.lists(STEPS, max_size=40))
def test_it_lasts_while_somebody_fails_and_is_told_in_turn(steps: list[tuple[str, int]]) -> None:
    clock, failing, said = Clock(), set(), []
    outage = Outage("Gone", "Look", "Back", every=60, clock=clock)
    outage._say = lambda text, _: said.append(text[:4])  # type: ignore[method-assign]
    told = clock.now
    for step, who in steps:
        if step == "wait":
            clock.now += 25 * who
            continue
        lasted = bool(failing)
        if step == "failed":
            failing.add(who)
            outage.failed(who, "error")
            expected = ["Gone"] if not lasted or clock.now - told >= 60 else []
            told = clock.now if expected else told
        else:
            failing.discard(who)
            (outage.answered if step == "answered" else outage.left)(who)
            expected = ["Back"] if step == "answered" and lasted and not failing else []
        assert (said, bool(outage.problem)) == (expected, bool(failing))
        said.clear()


def test_each_outage_says_what_it_is_and_what_to_check(caplog: pytest.LogCaptureFixture) -> None:
    outages = Outages()
    for outage in outages:
        outage.failed(0, "why")
        outage.answered(0)
    first = [message for message in caplog.messages if "(why)" in message]
    assert len(first) == len(list(outages))
    assert all("nothing is lost" in message for message in first)
    assert {record.levelno for record in caplog.records if "refuses" in record.message} == {logging.ERROR}
    outages.store.failed(1, "why")
    outages.left(1)
    assert [outage.problem for outage in outages] == ["", "", "", ""]


# Whoever asks when nobody else does.


def beats(answers: list[str], outage: Outage) -> None:
    """Let a pulse look so many times."""

    async def main() -> None:
        left = list(answers)
        done = asyncio.Event()

        async def ask() -> str:
            answer = left.pop(0)
            if not left:
                done.set()
            return answer

        beating = Pulse(outage, ask, every=0.0)
        await beating.start()
        await done.wait()
        await beating.stop()

    asyncio.run(main())


def test_a_look_or_two_without_an_answer_are_no_outage(outage: Outage, caplog: pytest.LogCaptureFixture) -> None:
    beats(["", *["silence"] * (MISSES - 1), "", *["silence"] * (MISSES - 1), ""], outage)
    assert caplog.messages == []


def test_more_are_until_the_next_answer(outage: Outage, caplog: pytest.LogCaptureFixture) -> None:
    beats(["", *["silence"] * MISSES, "", ""], outage)
    assert [message.partition(",")[0] for message in caplog.messages] == [
        "It is gone (silence). Look there",
        "It is back",
    ]


def test_a_shard_that_fails_too_is_waited_for(outage: Outage, caplog: pytest.LogCaptureFixture) -> None:
    outage.failed(3, "refused")
    beats([""], outage)
    assert outage.problem
    outage.answered(3)
    assert not outage.problem
    assert len(caplog.messages) == 2


def test_what_a_pulse_calls_itself_is_no_shard() -> None:
    assert isinstance(WHO, str)
    assert pulse.EVERY * MISSES < 10
